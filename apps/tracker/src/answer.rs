//! What the tracker answers by mail to the one who wrote: what it could not do, and how it is written to.

use kernel::context;
use mail::{Address, Outgoing, Recipient};
use store::Tx;

use crate::Refusal;
use crate::inbound::Letter;
use crate::issue::Done;

/// Characters of a subject that an answer repeats.
const SUBJECT: usize = 200;

/// Tells what was not done, and whether the mail itself is stored.
pub async fn complain(tx: &Tx, letter: &Letter<'_>, done: Option<&Done>, complaints: &[String]) -> Result<(), Refusal> {
    let (hub, catalog) = (&letter.tracker.hub, letter.catalog);
    let number = done.map(|done| done.number);
    let path = number.map_or_else(|| catalog.path(), |number| catalog.issue_path(number));
    let address = number.map_or_else(|| catalog.address(), |number| catalog.issue_address(number));
    let context = context! {
        number, complaints, link: hub.url(&path), changed: done.is_some_and(|done| done.changed),
    };
    let subject: String = letter.message.subject.chars().filter(|c| !c.is_control()).take(SUBJECT).collect();
    let subject = match subject.trim() {
        "" => "Your mail".to_owned(),
        answer if answer.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("re:")) => answer.to_owned(),
        subject => format!("Re: {subject}"),
    };
    send(tx, letter, &address, &subject, "tracker/mail/complaint.body.txt", &context).await
}

/// Tells how the tracker is written to.
pub async fn help(tx: &Tx, letter: &Letter<'_>) -> Result<(), Refusal> {
    if letter.is_automatic {
        return Ok(());
    }
    let catalog = letter.catalog;
    let properties: Vec<_> = catalog
        .issue()
        .properties
        .iter()
        .filter(|property| property.is_settable())
        .map(|property| {
            let names: Vec<&str> = catalog
                .class(&property.target)
                .map(|class| class.living().map(|item| item.name.as_str()).take(20).collect())
                .unwrap_or_default();
            serde_json::json!({ "name": property.name, "kind": property.kind.word(), "names": names })
        })
        .collect();
    let link = letter.tracker.hub.url(&catalog.path());
    let context =
        context! { address: catalog.address(), name: catalog.tracker.name, domain: catalog.domain, properties, link };
    send(tx, letter, &catalog.address(), "Re: help", "tracker/mail/help.body.txt", &context).await
}

async fn send(
    tx: &Tx,
    letter: &Letter<'_>,
    reply_to: &str,
    subject: &str,
    template: &str,
    context: &kernel::Context,
) -> Result<(), Refusal> {
    let hub = &letter.tracker.hub;
    let text = hub.templates.render(template, context).map_err(|error| Refusal::Other(error.to_string()))?;
    let mut references = letter.message.references.clone();
    references.push(letter.message.message_id.clone());
    let mail = Outgoing {
        from: Address::new(letter.catalog.tracker.title.clone(), letter.catalog.address()),
        to: vec![Address::new(letter.message.from.name.clone(), letter.sender.clone())],
        reply_to: vec![Address::new("", reply_to)],
        subject: subject.to_owned(),
        text,
        in_reply_to: Some(letter.message.message_id.clone()),
        references,
        headers: vec![("X-Guildhall-Loop".into(), letter.catalog.tracker.name.clone())],
        rcpts: vec![Recipient::new(letter.sender.clone())],
        about: format!("tracker/{}", letter.catalog.tracker.name),
        auto: true,
        ..Outgoing::default()
    };
    mail::outbound::queue(tx, mail).await.map_err(|error| Refusal::Other(error.to_string()))?;
    Ok(())
}
