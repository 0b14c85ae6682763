//! Rows as tuples.

use sea_orm::sea_query::{Alias, IntoIden};
use sea_orm::{EntityTrait, QuerySelect, Select, SelectGetableTuple, Selector, TryGetableMany};

/// What [`Select::into_tuple`] does, on any database: a row of SQLite is known by the names of its columns ([`crate::sqlite`]),
/// so they get names whose order is theirs.
pub trait Tuples {
    /// Rows as tuples of the columns, in their order.
    fn tuples<T: TryGetableMany>(self) -> Selector<SelectGetableTuple<T>>;
}

impl<E: EntityTrait> Tuples for Select<E> {
    #[expect(clippy::disallowed_methods, reason = "the columns are named here")]
    fn tuples<T: TryGetableMany>(mut self) -> Selector<SelectGetableTuple<T>> {
        let mut number = 0;
        QuerySelect::query(&mut self).exprs_mut_for_each(|column| {
            let name = column.alias.as_ref().map(|name| name.to_string()).unwrap_or_default();
            column.alias = Some(Alias::new(format!("{number:02}:{name}")).into_iden());
            number += 1;
        });
        self.into_tuple()
    }
}
