//! Posts that wait for a moderator.

use chrono::Duration;
use testkit::{form, mail};

use crate::{command, hub, letter, members};

#[tokio::test]
async fn a_held_post_is_accepted_on_the_web() {
    let (hub, admin) = hub().await;
    members(&admin, "dev", &["bob@x.org"]).await;
    hub.mail_in(letter("ann@x.org", "question", "1@x.org", "")).await;
    let author = hub.outbox().await.to("ann@x.org").one();
    assert!(author.body().contains("Its author is not a"), "{}", author.body());
    let moderator = hub.outbox().await.to("root").one();
    assert!(moderator.copy.subject.contains("question") && moderator.body().contains("This is 1@x.org."));
    hub.stranger().get("/lists/dev/1@x.org/").await.expect(404);

    let bob = hub.user("bob").await;
    bob.get("/lists/dev/queue").await.expect(403);
    let queue = admin.get("/lists/dev/queue").await.expect(200);
    let link = queue.attributes("td.title a", "href")[0].clone();
    let held = admin.get(&link).await.expect(200);
    assert!(held.text().contains("nonmember moderation"));
    let id = held.attributes("input[name=ids]", "value")[0].clone();
    bob.post("/lists/dev/queue", form! { ids: id, decision: "accept" }).await.expect(403);
    let (log, guard) = testkit::Log::keep();
    admin.post("/lists/dev/queue", form! { ids: id, decision: "accept" }).await.expect(303);
    log.line(&["fate=\"accepted\"", "id=\"1@x.org\"", "about=\"list/dev\"", "reply=\"A moderator let it in.\""]);
    drop(guard);
    assert_eq!(hub.outbox().await.to("bob@x.org").one().copy.subject, "question");
    let page = hub.stranger().get("/lists/dev/1@x.org/").await.expect(200).text();
    assert!(page.contains("root accepted it."));
    admin.post("/lists/dev/queue", form! { ids: id, decision: "accept" }).await.expect(422);
    assert_eq!(hub.outbox().await.to("bob@x.org").count(), 1);
}

#[tokio::test]
async fn a_moderator_decides_by_answering_the_notice() {
    let (hub, admin) = hub().await;
    members(&admin, "dev", &["bob@x.org"]).await;
    let answer = async |subject: &str, body: &str| {
        let outbox = hub.outbox().await.to("root");
        let notice = outbox.0.iter().rfind(|sent| sent.copy.subject.ends_with(subject)).expect("a notice").clone();
        let to = notice.message.reply_to[0].address.clone();
        hub.mail_in(mail! { from: "root@example.org", to: to, subject: "Re: held", body: body }).await
    };
    hub.mail_in(letter("ann@x.org", "first", "1@x.org", "")).await;
    answer("first", "hmm, let me think\n> Subject: first").await;
    assert!(hub.outbox().await.to("root").last().copy.subject.starts_with("What shall happen"));
    answer("first", "Accept\n\n> Subject: first").await;
    assert_eq!(hub.outbox().await.to("bob@x.org").one().copy.subject, "first");

    hub.mail_in(letter("ann@x.org", "second", "2@x.org", "")).await;
    answer("second", "reject Please write to users@hub.test.").await;
    let told = hub.outbox().await.to("ann@x.org").last();
    assert!(told.copy.subject.contains("not accepted") && told.body().contains("Please write to users@hub.test."));

    hub.mail_in(letter("ann@x.org", "third", "3@x.org", "")).await;
    let before = hub.outbox().await.count();
    answer("third", "discard").await;
    assert_eq!(hub.outbox().await.count(), before);
    assert_eq!(admin.get("/lists/dev/queue").await.select("tbody tr").len(), 0);
}

#[tokio::test]
async fn moderators_of_one_list_look_after_that_one() {
    let (hub, admin) = hub().await;
    let mia = hub.user("mia").await;
    admin.post("/lists/dev/staff", form! { person: "nobody", role: "moderator" }).await.expect(422);
    admin.post("/lists/dev/staff", form! { person: "mia", role: "moderator" }).await.expect(303);
    mia.get("/lists/dev/queue").await.expect(200);
    mia.get("/lists/dev/settings").await.expect(403);
    hub.mail_in(letter("ann@x.org", "question", "1@x.org", "")).await;
    let sent = hub.outbox().await;
    assert_eq!((sent.to("mia").count(), sent.to("root").count()), (1, 0));
    hub.mail_in(mail! { from: "ann@x.org", to: "dev-owner@hub.test", subject: "hello owners", body: "x" }).await;
    assert_eq!(hub.outbox().await.to("mia").last().copy.subject, "hello owners");
    admin.post("/lists/dev/staff", form! { person: "mia", role: "moderator", dismiss: "1" }).await.expect(303);
    mia.get("/lists/dev/queue").await.expect(403);
}

#[tokio::test]
async fn a_member_can_be_moderated_and_moderators_are_reminded_daily() {
    let (hub, admin) = hub().await;
    members(&admin, "dev", &["ann@x.org"]).await;
    admin
        .post("/lists/dev/members", form! { what: "moderate", address: "ann@x.org", moderation: "hold", delivers: "1" })
        .await
        .expect(303);
    hub.mail_in(letter("ann@x.org", "rant", "1@x.org", "")).await;
    assert_eq!(admin.get("/lists/dev/queue").await.select("tbody tr").len(), 1);
    hub.settle().await;
    let before = hub.outbox().await.to("root").count();
    hub.wait(Duration::days(1) + Duration::hours(1));
    hub.settle().await;
    let reminders = hub.outbox().await.to("root");
    assert_eq!(reminders.count(), before + 1);
    assert_eq!(reminders.last().copy.subject, "1 post wait on dev".replace("post wait", "post waits"));
    command(&hub, &["list", "--json"]).await.expect("a table");
}

#[tokio::test]
async fn a_post_of_a_stranger_is_answered_once_a_day_and_a_robot_never() {
    let (hub, admin) = hub().await;
    let write = async |id: &str, headers: &str| {
        let mail =
            mail! { from: "ann@x.org", to: "dev@hub.test", subject: id, body: "x", message_id: id, headers: headers };
        hub.mail_in(mail).await;
    };
    for id in ["1@x.org", "2@x.org", "3@x.org"] {
        write(id, "").await;
    }
    assert_eq!(hub.outbox().await.to("ann@x.org").count(), 1, "the address may be somebody else's");
    hub.wait(Duration::days(1));
    write("4@x.org", "").await;
    assert_eq!(hub.outbox().await.to("ann@x.org").count(), 2);
    hub.wait(Duration::days(1));
    for headers in ["Precedence: bulk\n", "Precedence: junk\n", "Auto-Submitted: auto-generated\n", "List-Id: <x.y>\n"]
    {
        write(&format!("{}@x.org", headers.len()), headers).await;
    }
    let raw = mail! { from: "ann@x.org", to: "dev@hub.test", subject: "null", body: "x" }.raw();
    hub.mail_in_raw("", "dev@hub.test", &raw).await;
    assert_eq!(hub.outbox().await.to("ann@x.org").count(), 2, "nobody answers a robot");
    // What a list refuses is told once a day too.
    crate::set(&admin, "dev", "nonmember_action", "reject").await;
    for id in ["r1@x.org", "r2@x.org", "r3@x.org"] {
        write(id, "").await;
    }
    let told = hub.outbox().await.to("ann@x.org");
    assert_eq!(told.count(), 3);
    assert!(told.last().body().contains("Only members write to this list."), "{}", told.last().body());
}
