pub(crate) mod document;
pub(crate) mod mention;
