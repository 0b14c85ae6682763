//! What a `post-commit` and a `post-revprop-change` of Subversion tell.

use std::path::Path;

use super::{LearnError, ToldRef};
use crate::record::Hooked;
use crate::vcs::{Revision, svn};

/// The revision that was committed, as one move of its branch.
pub async fn refs(folder: &Path, hooked: &Hooked) -> Result<Vec<ToldRef>, LearnError> {
    let number = number(hooked).ok_or_else(|| LearnError::Never("The hook of Subversion named no revision.".into()))?;
    let revision = svn::revision(folder, number).await?;
    Ok(vec![ToldRef {
        refname: revision.branch.clone(),
        kind: "branch".into(),
        change: "updated".into(),
        old: number.saturating_sub(1).to_string(),
        new: number.to_string(),
        total: 1,
        commits: vec![revision],
        ..ToldRef::default()
    }])
}

/// Whether the hook tells of a property of a revision that was there before.
pub fn is_revision_of_old(hooked: &Hooked) -> bool {
    hooked.arguments.first().is_some_and(|word| word.0 == b"post-revprop-change")
}

/// The revision as it is now, when its message or its author was changed.
pub async fn revised(folder: &Path, hooked: &Hooked) -> Result<Vec<Revision>, LearnError> {
    let matters = hooked.arguments.iter().any(|word| word.0 == b"svn:log" || word.0 == b"svn:author");
    match number(hooked).filter(|_| matters) {
        Some(number) => Ok(vec![svn::revision(folder, number).await?]),
        None => Ok(vec![]),
    }
}

/// `REPOSITORY REVISION [TRANSACTION]`, perhaps with the hook's name before.
fn number(hooked: &Hooked) -> Option<u64> {
    let words = hooked.arguments.iter().map(|word| word.text().into_owned());
    words.skip_while(|word| !word.starts_with('/')).nth(1)?.trim_start_matches('r').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Bytes;

    #[test]
    fn the_revision_is_found_among_the_words() {
        for (words, wanted) in [
            (&["/srv/svn", "12", "12-x"][..], Some(12)),
            (&["post-commit", "/srv/svn", "12"], Some(12)),
            (&["/srv/svn"], None),
            (&["/srv/svn", "x"], None),
        ] {
            let arguments = words.iter().map(|word| Bytes(word.as_bytes().to_vec())).collect();
            let hooked = Hooked {
                vcs: "svn".into(),
                directory: String::new(),
                arguments,
                input: Bytes::default(),
                environment: Default::default(),
            };
            assert_eq!(number(&hooked), wanted);
        }
    }
}
