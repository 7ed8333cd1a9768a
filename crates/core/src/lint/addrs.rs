//! Prefixes and ranges that lie within one another or share addresses.
//!
//! Sorted by their first address, the wider first, whatever holds or overlaps an
//! interval from the left stands before it. A tree over that order answers which is the
//! nearest of another participant that reaches far enough, in logarithmic time
//! however many overlap.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::Finding;
use super::row::{Distinct, Relation, Rows};
use crate::{AddrRange, AssetValue};

/// An interval of addresses of one family, and whose it is.
#[derive(Clone, Copy)]
struct Span {
    first: u128,
    last: u128,
    row: usize,
    owner: u32,
}

pub(super) fn check(rows: &Rows, distinct: &[Distinct], findings: &mut Vec<Finding>) {
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for &Distinct { row, owner } in distinct {
        match &rows.all()[row].asset.value {
            AssetValue::Addrs(AddrRange::V4 { first, last }) => {
                let (first, last) = (u128::from(*first), u128::from(*last));
                v4.push(Span { first, last, row, owner });
            }
            AssetValue::Addrs(AddrRange::V6 { first, last }) => {
                v6.push(Span { first: *first, last: *last, row, owner });
            }
            AssetValue::Name(_) | AssetValue::Mail(_) | AssetValue::Keyword(_) => {}
        }
    }
    check_family(rows, v4, findings);
    check_family(rows, v6, findings);
}

fn check_family(rows: &Rows, mut spans: Vec<Span>, findings: &mut Vec<Finding>) {
    spans.sort_unstable_by_key(|span| (span.first, Reverse(span.last), span.row));
    let reach = Reach::of(&spans);
    // For each participant, its interval that reaches farthest.
    let mut farthest: HashMap<u32, Span> = HashMap::new();
    // Where the intervals begin that are equal to the current one, and the first of them that
    // is of another participant than the very first.
    let (mut group, mut second_owner) = (0, None);
    for (index, span) in spans.iter().enumerate() {
        let head = spans[group];
        if (head.first, head.last) != (span.first, span.last) {
            (group, second_owner) = (index, None);
        }
        let head = spans[group];
        let same = if head.owner == span.owner { second_owner } else { Some(head.row) };
        if let Some(other) = same {
            findings.push(rows.shared(span.row, other, Relation::Same));
        }
        if head.owner != span.owner {
            second_owner = second_owner.or(Some(span.row));
        }
        if let Some(holder) = reach.nearest_before(group, span.owner, span.last) {
            findings.push(rows.shared(span.row, spans[holder].row, Relation::Inside));
        }
        // Where the nearest that overlaps is one that holds it, any other overlaps that one too.
        if let Some(other) = reach.nearest_before(group, span.owner, span.first)
            && spans[other].last < span.last
        {
            findings.push(rows.shared(span.row, spans[other].row, Relation::SharedAddrs));
        }
        let own = farthest.entry(span.owner).or_insert(*span);
        if own.row != span.row && own.last >= span.last {
            findings.extend(rows.redundant(span.row, own.row));
        } else {
            *own = *span;
        }
    }
}

/// How far intervals reach, for the participant that reaches farthest and for all others.
///
/// A binary tree in an array: the root at 1, the children of a node at twice its
/// number, the intervals in order at the end.
struct Reach {
    /// The ends that occur, ascending; the tree holds their numbers from 1.
    ends: Vec<u128>,
    nodes: Vec<Node>,
    leaves: usize,
}

#[derive(Clone, Copy)]
struct Node {
    owner: u32,
    /// The number of the farthest end, which is that of `owner`; 0 for none.
    farthest: u32,
    /// The number of the farthest end of anybody else; 0 for none.
    of_others: u32,
}

impl Node {
    const NONE: Self = Self { owner: u32::MAX, farthest: 0, of_others: 0 };

    fn joined(one: Self, other: Self) -> Self {
        let (high, low) = match one.farthest >= other.farthest {
            true => (one, other),
            false => (other, one),
        };
        let of_low = if low.owner == high.owner { low.of_others } else { low.farthest };
        Self { of_others: high.of_others.max(of_low), ..high }
    }

    fn reach_without(self, owner: u32) -> u32 {
        if self.owner == owner { self.of_others } else { self.farthest }
    }
}

impl Reach {
    fn of(spans: &[Span]) -> Self {
        let mut ends: Vec<u128> = spans.iter().map(|span| span.last).collect();
        ends.sort_unstable();
        ends.dedup();
        let leaves = spans.len().next_power_of_two();
        let mut reach = Self { ends, nodes: vec![Node::NONE; 2 * leaves], leaves };
        for (index, span) in spans.iter().enumerate() {
            let farthest = reach.number_of(span.last);
            reach.nodes[leaves + index] = Node { owner: span.owner, farthest, of_others: 0 };
        }
        for node in (1..leaves).rev() {
            reach.nodes[node] = Node::joined(reach.nodes[2 * node], reach.nodes[2 * node + 1]);
        }
        reach
    }

    /// The number of the first end that is no lower.
    fn number_of(&self, addr: u128) -> u32 {
        let before = self.ends.partition_point(|&end| end < addr);
        u32::try_from(before + 1).unwrap_or(u32::MAX)
    }

    /// The last interval before the one at `index` that reaches `addr` and is not of `owner`.
    fn nearest_before(&self, index: usize, owner: u32, addr: u128) -> Option<usize> {
        let number = self.number_of(addr);
        let reaches = |node: usize| self.nodes[node].reach_without(owner) >= number;
        let mut node = self.leaves + index;
        while node > 1 {
            if node % 2 == 1 && reaches(node - 1) {
                node -= 1;
                while node < self.leaves {
                    node = 2 * node + usize::from(reaches(2 * node + 1));
                }
                return Some(node - self.leaves);
            }
            node /= 2;
        }
        None
    }
}
