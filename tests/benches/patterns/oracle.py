"""Closed sets of traits by another program (FP-growth of mlxtend), for the file that the benchmark writes.

    pip install mlxtend && python oracle.py FILE PLACES

FILE has a line for each place: its traits, separated by commas. Prints how many closed sets of two to eight traits
recur at PLACES places or more, as the benchmark does where words are used alike, and how long it took.
"""

import sys
import time

import pandas as pd
from mlxtend.frequent_patterns import fpgrowth
from mlxtend.preprocessing import TransactionEncoder


def frequent(rows, floor):
    """All frequent sets with their numbers of places."""
    encoder = TransactionEncoder()
    table = pd.DataFrame.sparse.from_spmatrix(encoder.fit(rows).transform(rows, sparse=True), columns=encoder.columns_)
    found = fpgrowth(table, min_support=floor / len(rows) - 1e-12, use_colnames=True, max_len=9)
    return {frozenset(traits): round(share * len(rows)) for share, traits in zip(found["support"], found["itemsets"])}


def closed(sets):
    """Sets of which no superset has as many places."""
    open_ones = set()
    for traits, places in sets.items():
        for trait in traits:
            less = traits - {trait}
            if sets.get(less) == places:
                open_ones.add(less)
    return {traits: places for traits, places in sets.items() if traits not in open_ones and 2 <= len(traits) <= 8}


def main():
    path, floor = sys.argv[1], int(sys.argv[2])
    with open(path, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split(",") for line in file]
    begun = time.perf_counter()
    sets = closed(frequent(rows, floor))
    took = time.perf_counter() - begun
    print(f"{len(sets)} closed sets in {took:.2f} s")


if __name__ == "__main__":
    main()
