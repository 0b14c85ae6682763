//! The mails that accounts send, written from the theme's templates.

use kernel::{Context, Hub, context};
use mail::{Address, Outgoing, Recipient};
use store::Tx;

use crate::Refusal;

/// Queues the mail `accounts/mail/NAME` to one address.
pub async fn send(tx: &Tx, hub: &Hub, name: &str, to: &str, more: Context) -> Result<(), Refusal> {
    let settings = &hub.settings;
    let mut context = context! {
        site: serde_json::json!({ "name": settings.name, "url": settings.url }),
        address: to,
    };
    context.extend(more);
    let render = |part: &str| {
        let template = format!("accounts/mail/{name}.{part}.txt");
        hub.templates.render(&template, &context).map_err(|error| Refusal::Mail(error.to_string()))
    };
    let mail = Outgoing {
        from: Address { name: settings.name.clone(), address: settings.address("postmaster") },
        to: vec![Address { name: String::new(), address: to.to_owned() }],
        subject: render("subject")?.trim().to_owned(),
        text: render("body")?,
        rcpts: vec![Recipient::new(to)],
        about: format!("accounts/{name}"),
        auto: true,
        ..Outgoing::default()
    };
    mail::outbound::queue(tx, mail).await.map_err(|error| Refusal::Mail(error.to_string()))?;
    Ok(())
}
