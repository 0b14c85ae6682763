//! Pages of lists.

use serde::Serialize;

/// Which page of a list is wanted: `number` counts from 1, `size` is rows a page (1 to 500).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    pub number: u64,
    pub size: u64,
}

impl Paging {
    /// A page; a number or size out of bounds is moved to the nearest allowed one.
    pub fn new(number: u64, size: u64) -> Self {
        Self { number: number.clamp(1, 1_000_000), size: size.clamp(1, 500) }
    }

    /// The first page of `size` rows.
    pub fn first(size: u64) -> Self {
        Self::new(1, size)
    }

    /// Rows before this page.
    pub fn offset(&self) -> u64 {
        (self.number - 1) * self.size
    }
}

/// One page of a list, with the exact count of the whole list.
#[derive(Clone, Debug, Serialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub number: u64,
    pub size: u64,
    pub total: u64,
}

impl<T> Page<T> {
    /// The page `paging` of a list of `total` rows.
    pub fn new(items: Vec<T>, paging: Paging, total: u64) -> Self {
        Self { items, number: paging.number, size: paging.size, total }
    }

    /// How many pages the list has, at least 1.
    pub fn pages(&self) -> u64 {
        self.total.div_ceil(self.size).max(1)
    }

    /// The same page with each item turned into something else.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(turn).collect(),
            number: self.number,
            size: self.size,
            total: self.total,
        }
    }
}
