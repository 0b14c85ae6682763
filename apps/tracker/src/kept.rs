//! A piece of a page that is kept as HTML as long as nothing that it shows is another.

use std::sync::{Arc, Mutex, PoisonError};

/// The last HTML that was rendered, and what for.
#[derive(Debug)]
pub struct Kept<K>(Mutex<Option<(K, Arc<str>)>>);

impl<K> Default for Kept<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: PartialEq> Kept<K> {
    /// The HTML for `key`, made by `render` when the last was for another.
    pub fn get<E>(&self, key: K, render: impl FnOnce() -> Result<String, E>) -> Result<Arc<str>, E> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, html)) = &*lock()
            && *known == key
        {
            return Ok(html.clone());
        }
        let html: Arc<str> = render()?.into();
        *lock() = Some((key, html.clone()));
        Ok(html)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_rendered_once_for_a_key_and_not_kept_when_it_fails() {
        let kept = Kept::default();
        let get = |key: &'static str, made: Result<&str, &'static str>| kept.get(key, || made.map(str::to_owned));
        assert_eq!(get("a", Err("no")), Err("no"));
        assert_eq!(get("a", Ok("first")).as_deref(), Ok("first"));
        assert_eq!(get("a", Ok("again")).as_deref(), Ok("first"));
        assert_eq!(get("b", Ok("second")).as_deref(), Ok("second"));
        assert_eq!(get("a", Ok("third")).as_deref(), Ok("third"));
    }
}
