import pytest

from benches.waste import FEW, MANY, a_call, read_allocations, read_counts

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


MEMORY = """\
\x1b[01;32mMemory usage summary:\x1b[0;0m heap total: 2730705, heap peak: 1251687, stack peak: 22320
\x1b[04;34m         total calls   total memory   failed calls\x1b[0m
\x1b[00;34m malloc|\x1b[0m      19828        2673288              0\x1b[00;00m
\x1b[00;34mrealloc|\x1b[0m        681          34777              0\x1b[00;00m  (nomove:352, dec:310, free:0)
\x1b[00;34m calloc|\x1b[0m        234          22640              0\x1b[00;00m
\x1b[00;34m   free|\x1b[0m      21268        2659735
"""


def test_allocations_are_read_by_function_and_frees_are_none() -> None:
    assert read_allocations(MEMORY) == {"malloc": 19828, "realloc": 681, "calloc": 234}
    assert read_allocations("ERROR: ld.so: object 'libmemusage.so' cannot be preloaded") == {}


def test_what_the_start_takes_is_no_call_s() -> None:
    more = int((MANY - FEW) * 1.1)
    few = read_counts(SUMMARY)
    many = few + read_counts(SUMMARY.replace("6001", str(2 * more)).replace("2050", str(more)))

    each = a_call(few, many)

    assert list(each) == ["epoll_wait", "recvfrom"], "the most frequent first, and nothing of one alone"
    assert each == pytest.approx({"epoll_wait": 2, "recvfrom": 1})
