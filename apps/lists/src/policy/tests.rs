use super::*;

fn wishes() -> Wishes {
    Wishes {
        address: "dev@hub.test".into(),
        list_id: "dev.hub.test".into(),
        is_announce: false,
        is_emergency: false,
        member_action: Action::Accept,
        nonmember_action: Action::Hold,
        max_size: 40_000,
        max_rcpts: 10,
    }
}

fn facts() -> Facts {
    Facts {
        is_web: false,
        is_hub: false,
        from: "ann@x.org".into(),
        null_sender: false,
        robot: Robot::No,
        list_ids: vec![],
        hops: 3,
        ban: None,
        is_member: true,
        member_action: None,
        is_moderator: false,
        rcpts: vec!["dev@hub.test".into()],
        size: 2_000,
        subject: "Crash on start".into(),
        text: "It crashes.\n".into(),
        seen: Seen::No,
    }
}

#[test]
fn an_ordinary_post_of_a_member_passes_every_rule() {
    let verdict = judge(&wishes(), &facts());
    assert_eq!((verdict.action, verdict.rule), (Action::Accept, "accept"));
    assert_eq!(verdict.steps.len(), CHAIN.len());
    assert!(verdict.steps.iter().all(|step| !step.hit && step.found.ends_with('.')));
}

#[test]
fn each_rule_hits_for_its_reason() {
    type Change = fn(&mut Wishes, &mut Facts);
    let table: [(&str, Action, Change); 22] = [
        ("loop", Action::Discard, |_, f| f.list_ids = vec!["Dev.Hub.Test".into()]),
        ("loop", Action::Reject, |_, f| f.hops = 101),
        ("automatic", Action::Discard, |_, f| f.null_sender = true),
        ("automatic", Action::Discard, |_, f| f.robot = Robot::Answer),
        ("repeated", Action::Discard, |_, f| f.seen = Seen::Same),
        ("repeated", Action::Hold, |_, f| f.seen = Seen::Other),
        ("no author", Action::Hold, |_, f| f.from.clear()),
        ("banned", Action::Discard, |_, f| f.ban = Some("*@x.org".into())),
        ("announcement", Action::Reject, |w, _| w.is_announce = true),
        ("announcement", Action::Hold, |w, f| (w.is_announce, f.is_moderator) = (true, true)),
        ("emergency", Action::Hold, |w, _| w.is_emergency = true),
        ("member moderation", Action::Hold, |w, _| w.member_action = Action::Hold),
        ("member moderation", Action::Discard, |_, f| f.member_action = Some(Action::Discard)),
        ("administrivia", Action::Hold, |_, f| f.subject = "Unsubscribe".into()),
        ("administrivia", Action::Hold, |_, f| f.text = "\n subscribe ann@x.org \n".into()),
        ("implicit destination", Action::Hold, |_, f| f.rcpts = vec!["ann@x.org".into()]),
        ("max recipients", Action::Hold, |_, f| f.rcpts.extend((0..10).map(|n| format!("{n}@x.org")))),
        ("max size", Action::Hold, |_, f| f.size = 40_001),
        ("no subject", Action::Hold, |_, f| f.subject = "  ".into()),
        ("nonmember moderation", Action::Hold, |_, f| f.is_member = false),
        ("nonmember moderation", Action::Reject, |w, f| {
            (w.nonmember_action, f.is_member) = (Action::Reject, false);
        }),
        ("nonmember moderation", Action::Discard, |w, f| {
            (w.nonmember_action, f.is_member) = (Action::Discard, false);
        }),
    ];
    for (rule, action, change) in table {
        let (mut wishes, mut facts) = (wishes(), facts());
        change(&mut wishes, &mut facts);
        let verdict = judge(&wishes, &facts);
        assert_eq!((verdict.rule, verdict.action), (rule, action), "{verdict:?}");
        let last = verdict.steps.last().expect("a step");
        assert!(last.hit && last.rule == rule && last.found == verdict.reason);
    }
}

#[test]
fn what_only_looks_unusual_passes() {
    let table: [fn(&mut Wishes, &mut Facts); 8] = [
        |w, f| (w.is_announce, f.is_hub, f.is_member) = (true, true, false),
        |_, f| f.subject = "help wanted with the parser".into(),
        |_, f| f.subject = "Subscribe to both signals".into(),
        |_, f| f.text = format!("{}unsubscribe\n", "a line of talk\n".repeat(20)),
        |w, f| (w.max_size, f.size) = (0, 1 << 30),
        |w, f| (w.is_announce, f.is_moderator, f.is_web) = (true, true, true),
        |w, f| (w.nonmember_action, f.is_member) = (Action::Accept, false),
        |_, f| f.list_ids = vec!["other.hub.test".into()],
    ];
    for (n, change) in table.into_iter().enumerate() {
        let (mut wishes, mut facts) = (wishes(), facts());
        change(&mut wishes, &mut facts);
        assert_eq!(judge(&wishes, &facts).action, Action::Accept, "case {n}");
    }
}

#[test]
fn a_loop_is_dropped_before_anybody_is_told() {
    let (mut wishes, mut facts) = (wishes(), facts());
    wishes.is_emergency = true;
    facts.list_ids = vec!["dev.hub.test".into()];
    assert_eq!(judge(&wishes, &facts).action, Action::Discard);
}
