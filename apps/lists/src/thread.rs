//! Who answers whom: the forest of a set of posts, the same for any order in which they came.
//!
//! The parent of a post is the nearest post that it refers to and that is there. That depends on the set alone, so a
//! parent that arrives late simply takes its place. Circles are broken at their earliest post.

use std::collections::HashMap;
use std::hash::Hash;

/// Message-IDs of one post that are looked at, the nearest ones.
const MOST: usize = 100;

/// A post as its thread sees it.
#[derive(Clone, Debug)]
pub struct Node<'a, T> {
    pub message_id: &'a str,
    /// What it answers, nearest last.
    pub refs: Vec<&'a str>,
    /// Sorts posts that answer the same one; unique.
    pub order: T,
}

/// A post in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its index among the nodes.
    pub node: usize,
    /// The index of what it answers.
    pub parent: Option<usize>,
    pub depth: usize,
}

/// What a post refers to, nearest last: References, then In-Reply-To when References does not name it
/// (RFC 5322 section 3.6.4). Itself is left out; of very many the nearest stay.
pub fn refs(message_id: &str, references: &[String], in_reply_to: &[String]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    // In-Reply-To counts only behind References, so it stands before them.
    let further = in_reply_to.iter().filter(|id| !references.contains(id));
    for id in further.chain(references) {
        if id != message_id && !id.contains(char::is_whitespace) {
            found.retain(|known| known != id);
            found.push(id.clone());
        }
    }
    found.split_off(found.len().saturating_sub(MOST))
}

/// The forest of these posts, each root followed by what answers it, depth first, siblings by their order.
pub fn forest<T: Ord>(nodes: &[Node<'_, T>]) -> Vec<Placed> {
    let parents = parents(nodes);
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    let mut roots = Vec::new();
    for (node, parent) in parents.iter().enumerate() {
        match parent {
            Some(parent) => children[*parent].push(node),
            None => roots.push(node),
        }
    }
    let latest_first = |a: &usize, b: &usize| nodes[*b].order.cmp(&nodes[*a].order);
    roots.sort_by(latest_first);
    for siblings in &mut children {
        siblings.sort_by(latest_first);
    }
    let mut placed = Vec::with_capacity(nodes.len());
    // A stack of our own, so that depth costs no stack of the thread's.
    let mut waiting: Vec<(usize, usize)> = roots.into_iter().map(|root| (root, 0)).collect();
    while let Some((node, depth)) = waiting.pop() {
        placed.push(Placed { node, parent: parents[node], depth });
        waiting.extend(children[node].iter().map(|child| (*child, depth + 1)));
    }
    placed
}

fn parents<T: Ord>(nodes: &[Node<'_, T>]) -> Vec<Option<usize>> {
    let mut here: HashMap<&str, usize> = HashMap::with_capacity(nodes.len());
    for (index, node) in nodes.iter().enumerate() {
        let first = here.entry(node.message_id).or_insert(index);
        if node.order < nodes[*first].order {
            *first = index;
        }
    }
    let nearest = |node: &Node<'_, T>| {
        node.refs.iter().rev().filter(|id| **id != node.message_id).find_map(|id| here.get(id).copied())
    };
    let mut parents: Vec<Option<usize>> = nodes.iter().map(nearest).collect();
    break_circles(nodes, &mut parents);
    parents
}

/// Follows each post upwards once; a circle loses the link above its earliest post.
fn break_circles<T: Ord>(nodes: &[Node<'_, T>], parents: &mut [Option<usize>]) {
    const NEW: usize = 0;
    let mut walked = vec![NEW; nodes.len()];
    for start in 0..nodes.len() {
        let walk = start + 1;
        let mut at = Some(start);
        while let Some(node) = at.filter(|node| walked[*node] == NEW) {
            walked[node] = walk;
            at = parents[node];
        }
        let Some(met) = at.filter(|node| walked[*node] == walk) else { continue };
        let mut earliest = met;
        let mut next = parents[met];
        while let Some(node) = next.filter(|node| *node != met) {
            if nodes[node].order < nodes[earliest].order {
                earliest = node;
            }
            next = parents[node];
        }
        parents[earliest] = None;
    }
}

/// Sets that grow together: which new posts and known threads belong together because they name the same Message-IDs.
pub struct Groups<K> {
    index: HashMap<K, usize>,
    above: Vec<usize>,
}

impl<K: Eq + Hash> Default for Groups<K> {
    fn default() -> Self {
        Self { index: HashMap::new(), above: Vec::new() }
    }
}

impl<K: Eq + Hash> Groups<K> {
    /// The number of the set of `key`; numbers change while sets grow together.
    pub fn of(&mut self, key: K) -> usize {
        let next = self.above.len();
        let place = *self.index.entry(key).or_insert(next);
        if place == next {
            self.above.push(next);
        }
        self.top(place)
    }

    /// Lets the sets of two keys be one.
    pub fn join(&mut self, a: K, b: K) {
        let (a, b) = (self.of(a), self.of(b));
        let (low, high) = (a.min(b), a.max(b));
        self.above[high] = low;
    }

    fn top(&mut self, mut place: usize) -> usize {
        while self.above[place] != place {
            self.above[place] = self.above[self.above[place]];
            place = self.above[place];
        }
        place
    }
}

#[cfg(test)]
mod tests;
