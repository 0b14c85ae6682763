//! Where things of this app stand on the web (`docs/urls.md`).

use crate::PushId;

/// The page of a repository.
pub fn repository(name: &str) -> String {
    format!("/commits/{}/", web::urlpart(name))
}

/// The page of a push.
pub fn push(repository: &str, id: PushId) -> String {
    format!("/commits/{}/pushes/{id}", web::urlpart(repository))
}

/// The page of a commit.
pub fn commit(repository: &str, id: &str) -> String {
    format!("/commits/{}/{}", web::urlpart(repository), web::urlpart(&word(id)))
}

/// The page of a repository, with the commits of one branch.
pub fn branch(repository: &str, refname: &str) -> String {
    format!("/commits/{}/?branch={}", web::urlpart(repository), web::urlpart(short_ref(refname)))
}

/// The id of a commit in addresses: whole; a revision of Subversion has its `r`. That of no commit is empty.
pub fn word(id: &str) -> String {
    if (1..12).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()) {
        format!("r{id}")
    } else {
        id.to_owned()
    }
}

/// The id of a commit as people write it: `1a2b3c4d`, `r123`.
pub fn short(id: &str) -> String {
    let word = word(id);
    if word.starts_with('r') { word } else { word.get(..8).unwrap_or(&word).to_owned() }
}

/// The name of a branch or tag as people say it: `refs/heads/main` is `main`, `refs/tags/v1` is `v1`.
pub fn short_ref(refname: &str) -> &str {
    ["refs/heads/", "refs/tags/", "refs/remotes/"]
        .iter()
        .find_map(|start| refname.strip_prefix(start))
        .unwrap_or(refname)
}
