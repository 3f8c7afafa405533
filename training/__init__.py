"""What the wheel's compiler learns from: the core at its usual work, with counters in it.

`python -m training` builds the core with counters, lets it do `training.work`, and prints the compiler flag
that hands the counts to the next build. `make wheel` does all of it.
"""
