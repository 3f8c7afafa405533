import pytest

from benches.waste import FEW, MANY, a_call, read_counts

SUMMARY = """\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ------------------
 52.10    0.016271           2      6001           epoll_wait
 29.77    0.009298           4      2050         3 recvfrom
  0.00    0.000000           0         1           getpid
------ ----------- ----------- --------- --------- ------------------
100.00    0.031229           3      8052         3 total
"""


def test_calls_are_read_by_name_with_or_without_errors_and_the_total_is_none() -> None:
    assert read_counts(SUMMARY) == {"epoll_wait": 6001, "recvfrom": 2050, "getpid": 1}


def test_what_the_start_takes_is_no_call_s() -> None:
    more = int((MANY - FEW) * 1.1)
    few = read_counts(SUMMARY)
    many = few + read_counts(SUMMARY.replace("6001", str(2 * more)).replace("2050", str(more)))

    each = a_call(few, many)

    assert list(each) == ["epoll_wait", "recvfrom"], "the most frequent first, and nothing of one alone"
    assert each == pytest.approx({"epoll_wait": 2, "recvfrom": 1})
