pub(crate) mod blob;
