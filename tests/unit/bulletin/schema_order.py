"""A strict reader's look at a document: are the children of its property elements in the order of the schema?"""

from typing import Any

from docx.oxml.ns import qn
from ducha.bulletin.docx_order import ORDERS


def local(child: Any) -> str:
    return str(child.tag).rpartition("}")[2]


def disorder(root: Any) -> list[str]:
    """Property elements whose children stand out of order; empty in a sound file."""
    found = []
    for tag, order in ORDERS.items():
        for parent in root.iter(qn(tag)):
            ranks = [order.index(local(child)) if local(child) in order else -1 for child in parent]
            if ranks != sorted(ranks) or -1 in ranks or len(set(ranks)) != len(ranks):
                found.append(f"{tag}: {[local(child) for child in parent]}")
    return found
