//! Mail about pushes to Mercurial, with the subjects and fields of its `notify` extension.

use kernel::TemplateError;

use super::letter::{Letter, Scene, SummaryLine};
use super::{Diffs, short_ref};
use crate::push::MovedRef;
use crate::query::Revision;

/// The mails about one branch: one for a single changeset, else a summary and its changesets.
pub fn letters(
    scene: &Scene<'_>,
    moved: &MovedRef,
    commits: &[&Revision],
    diffs: &Diffs,
    too_many: bool,
) -> Result<Vec<Letter>, TemplateError> {
    let alone = moved.fresh == 1;
    let mut letters = Vec::new();
    if !alone {
        letters.push(overview(scene, moved, commits, too_many)?);
    }
    for commit in commits.iter().filter(|_| !too_many) {
        let diff = diffs.get(&commit.commit_id).map_or("", String::as_str);
        letters.push(Letter {
            from: scene.from(&commit.author_name),
            reply_to: scene.reply_to(commit),
            subject: scene.cut(&format!("changeset in {}: {}", scene.repository.name, commit.subject)),
            text: scene.commit_text(commit, &format!("branch {}", commit.branch), diff)?,
            message_id: scene.commit_id(commit),
            in_reply_to: (!alone).then(|| scene.summary_id(moved.position)),
            headers: scene.headers(vec![("X-Hg-Notification", format!("changeset {}", commit.commit_id))]),
        });
    }
    Ok(letters)
}

fn overview(
    scene: &Scene<'_>,
    moved: &MovedRef,
    commits: &[&Revision],
    too_many: bool,
) -> Result<Letter, TemplateError> {
    let name = &scene.repository.name;
    let lines: Vec<SummaryLine> = commits
        .iter()
        .take(super::NAMED as usize)
        .map(|commit| SummaryLine::new("new", &commit.commit_id, &commit.subject))
        .collect();
    let note = if too_many {
        "They are too many to be mailed one by one; the page of this push lists them."
    } else {
        "Each of them has a mail of its own, an answer to this one."
    };
    Ok(Letter {
        from: scene.from(&scene.push.pusher),
        reply_to: None,
        subject: scene.cut(&format!("{name}: {} new changesets", moved.fresh)),
        text: scene.summary_text(
            &format!(
                "{} pushed {} changesets to branch {} of {name}.",
                scene.push.pusher,
                moved.fresh,
                short_ref(moved)
            ),
            &lines,
            &[note.to_owned()],
        )?,
        message_id: scene.summary_id(moved.position),
        in_reply_to: None,
        headers: scene.headers(vec![("X-Hg-Notification", format!("changeset {}", moved.new_id))]),
    })
}
