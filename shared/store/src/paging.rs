//! Pages of lists.

use sea_orm::sea_query::{Asterisk, Expr, Func, Query};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QuerySelect, QueryTrait, Select};
use serde::Serialize;

/// How far rows are counted: a list of more says `10000`, since counting all of them would cost more than showing some.
pub const COUNTED: u64 = 10_000;

/// How many rows a query finds, counted up to [`COUNTED`].
pub async fn count<E: EntityTrait>(conn: &impl ConnectionTrait, found: &Select<E>) -> Result<u64, DbErr> {
    let mut rows = found.clone().limit(COUNTED).into_query();
    rows.clear_selects().clear_order_by().expr(Expr::val(1));
    let counting = Query::select().expr(Func::count(Expr::col(Asterisk))).from_subquery(rows, "counted").to_owned();
    let row = conn.query_one_raw(conn.get_database_backend().build(&counting)).await?;
    let counted: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0);
    Ok(counted as u64)
}

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

/// One page of a list, with the count of the whole list (up to [`COUNTED`] where [`count`] made it).
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
        let mut total = total;
        if total == COUNTED {
            // Far down a list that was not counted to its end there is at least what stands here, and a page more after
            // a full one.
            let here = paging.offset() + items.len() as u64;
            total = total.max(here + u64::from(items.len() as u64 == paging.size));
        }
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
