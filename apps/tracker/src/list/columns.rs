//! What lists are filtered and ordered by, of every issue of a tracker, in memory: a list by any filters is found in
//! microseconds and counted to its end, however many issues there are. About 150 bytes an issue.
//!
//! For each value of each link there is a set of the issues that have it; conditions are unions and intersections of them.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use roaring::{MultiOps, RoaringBitmap};
use store::Paging;

use super::asked::{Asked, Condition, Field, Moment, Test};
use super::order::{By, Key, LAST};
use super::span::Ends;

/// The most keys of a list: a group, and three that it is sorted by.
const KEYS: usize = 4;

/// An issue as it is put in.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) number: i64,
    pub(super) created_at: DateTime<Utc>,
    pub(super) activity_at: DateTime<Utc>,
    pub(super) message_count: i64,
    pub(super) is_retired: bool,
    pub(super) links: Vec<(Field, i64)>,
}

/// An issue as it is held.
#[derive(Debug, Default)]
struct Held {
    /// In microseconds of UNIX time.
    created: i64,
    activity: i64,
    messages: i64,
    /// Which of the links it has.
    links: Box<[u32]>,
}

/// What the issue at a place is ordered by: the least comes first.
type Sorter<'a> = Box<dyn Fn(usize) -> i64 + 'a>;

/// A value of a field, and the places of those who have it.
#[derive(Debug)]
struct Link {
    field: Field,
    value: i64,
    places: RoaringBitmap,
}

/// The columns of a tracker.
#[derive(Debug, Default)]
pub(super) struct Columns {
    /// In their order; an issue's place in the columns is that of its number. Apart from the rows, since a search looks
    /// thousands of them up.
    numbers: Vec<i64>,
    rows: Vec<Held>,
    living: RoaringBitmap,
    retired: RoaringBitmap,
    links: Vec<Link>,
    link_at: HashMap<(Field, i64), u32>,
    /// By activity, and by place within a moment.
    by_activity: BTreeSet<(i64, u32)>,
}

impl Columns {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Puts an issue in, or in place of what was known of it. Numbers come in their order; `false` for one that does not,
    /// and is not put in.
    pub(super) fn put(&mut self, issue: Facts) -> bool {
        let place = match self.numbers.binary_search(&issue.number) {
            Ok(place) => place,
            Err(place) if place == self.numbers.len() => {
                self.numbers.push(issue.number);
                self.rows.push(Held::default());
                place
            }
            Err(_) => return false,
        };
        let (at, row) = (place as u32, &mut self.rows[place]);
        for link in &row.links {
            self.links[*link as usize].places.remove(at);
        }
        self.by_activity.remove(&(row.activity, at));
        row.created = issue.created_at.timestamp_micros();
        row.activity = issue.activity_at.timestamp_micros();
        row.messages = issue.message_count;
        self.by_activity.insert((row.activity, at));
        let (of, not_of) = match issue.is_retired {
            true => (&mut self.retired, &mut self.living),
            false => (&mut self.living, &mut self.retired),
        };
        of.insert(at);
        not_of.remove(at);
        let mut links = Vec::with_capacity(issue.links.len());
        for (field, value) in issue.links {
            let link = *self.link_at.entry((field, value)).or_insert_with(|| {
                self.links.push(Link { field, value, places: RoaringBitmap::new() });
                (self.links.len() - 1) as u32
            });
            self.links[link as usize].places.insert(at);
            links.push(link);
        }
        self.rows[place].links = links.into();
        true
    }

    /// The numbers of a page of a list in its order, and how many issues the list has; `None` when it asks for something
    /// that is not held here. `worded` are the numbers of all issues that match its words.
    pub(super) fn page(&self, asked: &Asked, worded: &[i64], paging: Paging) -> Option<(Vec<i64>, u64)> {
        let found = self.matching(asked, worded)?;
        let keys = asked.order.iter().map(|key| self.sorter(key)).collect::<Option<Vec<_>>>()?;
        let (total, from, size) = (found.len(), paging.offset(), paging.size);
        if from >= total {
            return Some((vec![], total));
        }
        let end = from.saturating_add(size).min(total);
        // Along all issues by their activity until the page is full, or all that were found by theirs: what is less.
        let walked = end * self.rows.len() as u64 / total;
        let places: Vec<u32> = match &asked.order[..] {
            [Key { by: By::Activity, descends: true }] if walked < total => {
                let newest = self.by_activity.iter().rev().map(|(_, place)| *place);
                newest.filter(|place| found.contains(*place)).skip(from as usize).take(size as usize).collect()
            }
            _ => self.sorted(&found, &keys, from as usize, end as usize),
        };
        Some((places.into_iter().map(|place| self.numbers[place as usize]).collect(), total))
    }

    /// The places of all issues that a list has.
    fn matching(&self, asked: &Asked, worded: &[i64]) -> Option<RoaringBitmap> {
        let mut found = if asked.is_retired { self.retired.clone() } else { self.living.clone() };
        let mut in_ranges = Vec::new();
        for Condition { test, is_negated } in &asked.conditions {
            let these = match test {
                Test::Links { field, any, or_none } => self.linking(*field, any, *or_none),
                Test::Number(numbers) => self.places(numbers),
                Test::Words(_) => self.places(worded),
                Test::Time { .. } | Test::Messages(_) => {
                    in_ranges.push((test, *is_negated));
                    continue;
                }
                Test::Amount { .. } | Test::Text { .. } => return None,
            };
            if *is_negated {
                found -= these;
            } else {
                found &= these;
            }
        }
        if in_ranges.is_empty() {
            return Some(found);
        }
        let in_all = |row: &Held| in_ranges.iter().all(|(test, is_negated)| in_range(row, test) != *is_negated);
        Some(found.iter().filter(|place| in_all(&self.rows[*place as usize])).collect())
    }

    fn places(&self, numbers: &[i64]) -> RoaringBitmap {
        let place = |number: &i64| self.numbers.binary_search(number).ok();
        numbers.iter().filter_map(place).map(|place| place as u32).collect()
    }

    /// Who links to any of these by a field, and when `or_none` also who links to nothing.
    fn linking(&self, field: Field, any: &[i64], or_none: bool) -> RoaringBitmap {
        let wanted = any.iter().filter_map(|value| self.link_at.get(&(field, *value)));
        let mut these = wanted.map(|link| &self.links[*link as usize].places).union();
        if or_none {
            let linked = self.links.iter().filter(|link| link.field == field).map(|link| &link.places).union();
            these |= (&self.living | &self.retired) - linked;
        }
        these
    }

    /// The places `from` to `end` of those found, in the order of the keys.
    fn sorted(&self, found: &RoaringBitmap, keys: &[Sorter<'_>], from: usize, end: usize) -> Vec<u32> {
        let mut places: Vec<([i64; KEYS], Reverse<u32>)> = found
            .iter()
            .map(|place| {
                let mut values = [0; KEYS];
                for (value, key) in values.iter_mut().zip(keys) {
                    *value = key(place as usize);
                }
                (values, Reverse(place))
            })
            .collect();
        if end < places.len() {
            places.select_nth_unstable(end);
            places.truncate(end);
        }
        places.sort_unstable();
        places[from..].iter().map(|(_, place)| place.0).collect()
    }

    fn sorter<'a>(&'a self, key: &'a Key) -> Option<Sorter<'a>> {
        let value: Sorter<'a> = match &key.by {
            By::Number => Box::new(|place| self.numbers[place]),
            By::Creation => Box::new(|place| self.rows[place].created),
            By::Activity => Box::new(|place| self.rows[place].activity),
            By::Messages => Box::new(|place| self.rows[place].messages),
            By::Position { slot, items } => {
                let field = Field::Slot(*slot);
                let positions: HashMap<i64, i64> = items.iter().copied().zip(0..).collect();
                let of =
                    move |link: &Link| (link.field == field).then(|| positions.get(&link.value).copied()).flatten();
                let links = |place: usize| self.rows[place].links.iter().map(|link| &self.links[*link as usize]);
                Box::new(move |place| links(place).find_map(&of).unwrap_or(LAST))
            }
            By::Title | By::Slot(_) | By::Person { .. } | By::Own { .. } => return None,
        };
        Some(if key.descends { Box::new(move |place| -value(place)) } else { value })
    }
}

fn in_range(row: &Held, test: &Test) -> bool {
    match test {
        Test::Time { moment, ranges } => {
            let at = if *moment == Moment::Creation { row.created } else { row.activity };
            let micros = |at: DateTime<Utc>| at.timestamp_micros();
            within(ranges, |from| at >= micros(from), |to| at < micros(to))
        }
        Test::Messages(ranges) => {
            let count = row.messages as f64;
            within(ranges, |from| count >= from, |to| count <= to)
        }
        _ => false,
    }
}

fn within<T: Copy>(ranges: &[Ends<T>], after: impl Fn(T) -> bool, before: impl Fn(T) -> bool) -> bool {
    ranges.iter().any(|(from, to)| from.is_none_or(&after) && to.is_none_or(&before))
}
