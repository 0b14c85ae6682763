pub(crate) mod asset;
pub(crate) mod build;
pub(crate) mod page;
pub(crate) mod redirect;
