//! What people allow programs, and what administrators register.

use super::*;

#[tokio::test]
async fn people_are_asked_once_and_can_take_it_back() {
    let wiki = wiki().await;
    let (id, secret) = register(&wiki.root, form! { name: "Build server", redirect_uris: BACK }).await;
    let url = wiki.url(&[("client_id", &id), ("state", "s")]);
    // Who is not logged in logs in first, and goes on from there.
    let carol = member(&wiki.hub, "carol").await;
    let login = carol.get(&url).await.expect(303).location();
    let page = carol.get(&login).await.expect(200);
    let next = page.attributes("input[name=next]", "value").remove(0);
    let reply = carol.post("/login", form! { name: "carol", password: PASSWORD, next: next }).await.expect(303);
    let asked = carol.get(&reply.location()).await.expect(200);
    assert!(asked.text().contains("Build server") && asked.text().contains("know your mail address"));
    let query = asked.attributes("input[name=query]", "value").remove(0);
    let denied = back(&carol.post("/oidc/consent", form! { query: query, deny: "1" }).await);
    assert_eq!((value(&denied, "error"), value(&denied, "state")), ("access_denied".into(), "s".into()));
    carol.post_raw("/oidc/consent", &form! { query: query, allow: "1" }).await.expect(403);
    let allowed = back(&carol.post("/oidc/consent", form! { query: query, allow: "1" }).await);
    let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let code = value(&allowed, "code");
    let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", BACK)];
    let access = text(&json(&post(&wiki.hub, "/oidc/token", &fields, Some(&basic)).await.expect(200))["access_token"]);
    value(&back(&carol.get(&url).await), "code");
    carol.get(&wiki.url(&[("client_id", &id), ("prompt", "consent")])).await.expect(200);
    let page = carol.get("/me/programs").await.expect(200);
    assert!(page.text().contains("Build server"));
    let row = page.attributes("form[action='/me/programs/end'] button", "value").remove(0);
    carol.post("/me/programs/end", form! { id: row }).await.expect(303);
    wiki.userinfo(&access).await.expect(401);
    carol.get(&url).await.expect(200);
}

#[tokio::test]
async fn whoever_is_out_is_out_for_every_program_at_once() {
    let wiki = wiki().await;
    wiki.root.post("/admin/groups", form! { name: "core", description: "" }).await.expect(303);
    let (id, secret) =
        register(&wiki.root, form! { name: "Vault", redirect_uris: BACK, group: "core", is_trusted: "1" }).await;
    let url = wiki.url(&[("client_id", &id)]);
    assert_eq!(value(&back(&wiki.ann.get(&url).await), "error"), "access_denied");
    wiki.root.post("/admin/groups/core/members", form! { name: "ann" }).await.expect(303);
    let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let code = value(&back(&wiki.ann.get(&url).await), "code");
    let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", BACK)];
    let granted = json(&post(&wiki.hub, "/oidc/token", &fields, Some(&basic)).await.expect(200));
    let access = text(&granted["access_token"]);
    wiki.userinfo(&access).await.expect(200);
    wiki.root.post("/admin/groups/core/remove", form! { name: "ann" }).await.expect(303);
    wiki.userinfo(&access).await.expect(401);
    wiki.root.post("/admin/groups/core/members", form! { name: "ann" }).await.expect(303);
    wiki.userinfo(&access).await.expect(200);
    let changed = form! { current: PASSWORD, password: "purple monkey dishwasher lamp" };
    wiki.ann.post("/me/password", changed).await.expect(303);
    wiki.userinfo(&access).await.expect(401);
    let refresh =
        [("grant_type", "refresh_token"), ("refresh_token", granted["refresh_token"].as_str().expect("a token"))];
    post(&wiki.hub, "/oidc/token", &refresh, Some(&basic)).await.expect(400);
    assert!(URL_SAFE_NO_PAD.decode(&access).is_ok_and(|bytes| bytes.len() == 32));
}

#[tokio::test]
async fn only_administrators_register_programs_and_only_sound_ones() {
    let wiki = wiki().await;
    wiki.ann.get("/admin/programs").await.expect(403);
    for (uris, said) in [
        ("", "1 to 50 addresses"),
        ("http://wiki.example/cb", "use https"),
        ("https://wiki.example/cb#x", "no fragment"),
        ("javascript:alert(1)", "cannot be an address to return to"),
    ] {
        let reply = wiki.root.post("/admin/programs", form! { name: "Bad", redirect_uris: uris }).await.expect(422);
        assert!(reply.text().contains(said), "{uris}");
    }
    let page = wiki.root.get("/admin/programs").await.expect(200);
    assert!(!page.text().contains(&wiki.secret), "the secret is shown once");
    let row = page.attributes("form[action='/admin/programs/remove'] button", "value").remove(0);
    wiki.root.post("/admin/programs/remove", form! { id: row }).await.expect(303);
    wiki.ann.get(&wiki.url(&[])).await.expect(422);
}
