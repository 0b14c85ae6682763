//! Mail about pushes to git, with the subjects, fields and threads by which people filter git-multimail's.

use kernel::TemplateError;

use super::letter::{Letter, Scene, SummaryLine};
use super::{Diffs, short_ref};
use crate::push::{MovedRef, Summary, summary_of};
use crate::query::Revision;

/// The mails about one ref: one when it brought a single commit and nothing else happened, else a summary and its commits.
pub fn letters(
    scene: &Scene<'_>,
    moved: &MovedRef,
    commits: &[&Revision],
    diffs: &Diffs,
    too_many: bool,
) -> Result<Vec<Letter>, TemplateError> {
    let summary = summary_of(moved);
    let plain = summary.omitted_total == 0 && summary.added_total == 0;
    if let [commit] = commits
        && moved.fresh == 1
        && moved.change == "updated"
        && plain
    {
        return Ok(vec![combined(scene, moved, commit, diffs)?]);
    }
    let mut letters = vec![overview(scene, moved, &summary, commits, too_many)?];
    if !too_many {
        for (place, commit) in commits.iter().enumerate() {
            letters.push(one(scene, moved, commit, place + 1, commits.len(), diffs)?);
        }
    }
    Ok(letters)
}

/// The first paragraph of a message in one line, as git takes its subject.
fn subject(commit: &Revision) -> String {
    let lines = commit.message.lines().map(str::trim).skip_while(|line| line.is_empty());
    let joined = lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    crate::vcs::subject(&joined)
}

/// Fields that every mail about a ref has.
fn fields<'a>(scene: &Scene<'_>, moved: &MovedRef, kind: &'a str) -> Vec<(&'a str, String)> {
    let host = scene.hub.settings.mail_domain.clone();
    vec![
        ("X-Git-Host", host),
        ("X-Git-Repo", scene.repository.name.clone()),
        ("X-Git-Refname", moved.refname.clone()),
        ("X-Git-Reftype", moved.kind.clone()),
        ("X-Git-NotificationType", kind.to_owned()),
    ]
}

/// The old and the new id, with zeros where there is none.
fn ids(moved: &MovedRef) -> [(&'static str, String); 2] {
    let nothing = "0".repeat(moved.new_id.len().max(moved.old_id.len()));
    let or_nothing = |id: &str| if id.is_empty() { nothing.clone() } else { id.to_owned() };
    [("X-Git-Oldrev", or_nothing(&moved.old_id)), ("X-Git-Newrev", or_nothing(&moved.new_id))]
}

fn combined(scene: &Scene<'_>, moved: &MovedRef, commit: &Revision, diffs: &Diffs) -> Result<Letter, TemplateError> {
    let mut own = fields(scene, moved, "ref_changed_plus_diff");
    own.extend(ids(moved));
    own.push(("X-Git-Rev", commit.commit_id.clone()));
    Ok(Letter {
        from: scene.from(&commit.author_name),
        reply_to: scene.reply_to(commit),
        subject: scene.subject(&format!("{} {} updated: {}", moved.kind, short_ref(moved), subject(commit))),
        text: text(scene, moved, commit, diffs)?,
        message_id: scene.commit_id(commit),
        in_reply_to: None,
        headers: scene.headers(own),
    })
}

fn one(
    scene: &Scene<'_>,
    moved: &MovedRef,
    commit: &Revision,
    place: usize,
    all: usize,
    diffs: &Diffs,
) -> Result<Letter, TemplateError> {
    let mut own = fields(scene, moved, "diff");
    own.push(("X-Git-Rev", commit.commit_id.clone()));
    Ok(Letter {
        from: scene.from(&commit.author_name),
        reply_to: scene.reply_to(commit),
        subject: scene.subject(&format!("{place:02}/{all:02}: {}", subject(commit))),
        text: text(scene, moved, commit, diffs)?,
        message_id: scene.commit_id(commit),
        in_reply_to: Some(scene.summary_id(moved.position)),
        headers: scene.headers(own),
    })
}

fn text(scene: &Scene<'_>, moved: &MovedRef, commit: &Revision, diffs: &Diffs) -> Result<String, TemplateError> {
    let diff = diffs.get(&commit.commit_id).map_or("", String::as_str);
    scene.commit_text(commit, &format!("{} {}", moved.kind, short_ref(moved)), diff)
}

fn overview(
    scene: &Scene<'_>,
    moved: &MovedRef,
    summary: &Summary,
    commits: &[&Revision],
    too_many: bool,
) -> Result<Letter, TemplateError> {
    let (old, new) = (seven(&moved.old_id), seven(&moved.new_id));
    let named = format!("{} {}", moved.kind, short_ref(moved));
    let what = match moved.change.as_str() {
        "created" => format!("{named} created (now {new})"),
        "deleted" => format!("{named} deleted (was {old})"),
        _ => format!("{named} updated ({old} -> {new})"),
    };
    let mut own = fields(scene, moved, "ref_changed");
    own.extend(ids(moved));
    Ok(Letter {
        from: scene.from(&scene.push.pusher),
        reply_to: None,
        subject: scene.subject(&what),
        text: scene.summary_text(
            &said(scene, moved),
            &lines(moved, summary, commits),
            &notes(moved, summary, commits, too_many),
        )?,
        message_id: scene.summary_id(moved.position),
        in_reply_to: None,
        headers: scene.headers(own),
    })
}

/// git's own short form.
fn seven(id: &str) -> &str {
    id.get(..7).unwrap_or(id)
}

fn said(scene: &Scene<'_>, moved: &MovedRef) -> String {
    let verb = match moved.change.as_str() {
        "created" => "created",
        "deleted" => "deleted",
        "forced" => "rewrote",
        _ => "pushed to",
    };
    format!("{} {verb} {} {} of {}.", scene.push.pusher, moved.kind, short_ref(moved), scene.repository.name)
}

fn lines(moved: &MovedRef, summary: &Summary, commits: &[&Revision]) -> Vec<SummaryLine> {
    let mut lines = SummaryLine::of("discard", &summary.gone);
    lines.extend(SummaryLine::of("omit", &summary.omitted));
    if moved.change == "deleted" {
        lines.push(SummaryLine::new("was", &moved.old_id, ""));
        return lines;
    }
    if !moved.old_id.is_empty() {
        lines.push(SummaryLine::new("from", &moved.old_id, ""));
    }
    lines.extend(SummaryLine::of("add", &summary.added));
    lines.extend(
        commits
            .iter()
            .take(super::NAMED as usize)
            .map(|commit| SummaryLine::new("new", &commit.commit_id, &commit.subject)),
    );
    if moved.old_id.is_empty() {
        lines.push(SummaryLine::new("at", &moved.new_id, &format!("({})", summary.new_type)));
    } else if commits.is_empty() {
        lines.push(SummaryLine::new("to", &moved.new_id, ""));
    }
    lines
}

fn notes(moved: &MovedRef, summary: &Summary, commits: &[&Revision], too_many: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if moved.kind.ends_with("tag") && matches!(moved.change.as_str(), "updated" | "forced") {
        notes.push(format!("*** WARNING: tag {} was modified! ***", short_ref(moved)));
    }
    if summary.gone_total > 0 {
        notes.push(format!("{} commits marked \"discard\" are on no branch any more.", summary.gone_total));
    }
    if summary.omitted_total > summary.gone_total {
        notes.push("Commits marked \"omit\" left this branch; other branches still have them.".into());
    }
    if summary.added_total > 0 {
        notes.push("Commits marked \"add\" were known before and are on this branch now.".into());
    }
    let fresh = moved.fresh;
    if too_many {
        notes.push(format!(
            "{fresh} commits are new. They are too many to be mailed one by one; the page of this push lists them."
        ));
    } else if !commits.is_empty() {
        notes.push("Each commit marked \"new\" has a mail of its own, an answer to this one.".into());
    } else if moved.change != "deleted" {
        notes.push("No new commits came with it.".into());
    }
    notes
}
