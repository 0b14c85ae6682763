pub(crate) mod cursor;
pub(crate) mod journal;
pub(crate) mod parked;
