use proptest::prelude::*;

use super::*;

fn node<'a>(message_id: &'a str, refs: &[&'a str], order: i64) -> Node<'a, (i64, &'a str)> {
    Node { message_id, refs: refs.to_vec(), order: (order, message_id) }
}

/// The forest as text: each post with its depth and what it answers.
fn drawn<'a>(nodes: &[Node<'a, (i64, &'a str)>]) -> Vec<String> {
    let line = |placed: Placed| {
        let above = placed.parent.map_or("-", |parent| nodes[parent].message_id);
        format!("{}{} < {above}", "  ".repeat(placed.depth), nodes[placed.node].message_id)
    };
    forest(nodes).into_iter().map(line).collect()
}

#[test]
fn answers_stand_below_what_they_answer() {
    let nodes =
        [node("c", &["a", "b"], 3), node("a", &[], 1), node("d", &["a"], 4), node("b", &["a"], 2), node("e", &[], 5)];
    assert_eq!(drawn(&nodes), ["a < -", "  b < a", "    c < b", "  d < a", "e < -"]);
}

#[test]
fn a_parent_that_comes_late_takes_its_place() {
    let before = [node("a", &[], 1), node("c", &["a", "b"], 3)];
    assert_eq!(drawn(&before), ["a < -", "  c < a"]);
    let after = [node("a", &[], 1), node("c", &["a", "b"], 3), node("b", &["a"], 2)];
    assert_eq!(drawn(&after), ["a < -", "  b < a", "    c < b"]);
}

#[test]
fn circles_break_at_their_earliest_and_selves_do_not_count() {
    let circle = [node("b", &["c"], 2), node("a", &["b"], 1), node("c", &["a"], 3)];
    assert_eq!(drawn(&circle), ["a < -", "  c < a", "    b < c"]);
    assert_eq!(drawn(&[node("x", &["x"], 1)]), ["x < -"]);
    let tail = [node("t", &["a"], 9), node("a", &["b"], 1), node("b", &["a"], 2)];
    assert_eq!(drawn(&tail), ["a < -", "  b < a", "  t < a"]);
}

#[test]
fn two_mails_of_one_id_are_both_there() {
    let twins = [node("a", &[], 1), Node { message_id: "a", refs: vec![], order: (2, "a") }, node("b", &["a"], 3)];
    assert_eq!(drawn(&twins), ["a < -", "  b < a", "a < -"]);
}

#[test]
fn references_come_before_in_reply_to() {
    let ids = |ids: &[&str]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(refs("m", &ids(&["a", "b"]), &ids(&["b"])), ["a", "b"]);
    assert_eq!(refs("m", &ids(&["a", "b"]), &ids(&["z"])), ["z", "a", "b"]);
    assert_eq!(refs("m", &[], &ids(&["z"])), ["z"]);
    assert_eq!(refs("m", &ids(&["m", "a", "a"]), &ids(&["m"])), ["a"]);
    let many: Vec<String> = (0..500).map(|n| n.to_string()).collect();
    let kept = refs("m", &many, &[]);
    assert_eq!((kept.len(), kept[99].as_str()), (100, "499"));
}

#[test]
fn ten_thousand_deep_does_not_overflow() {
    let names: Vec<String> = (0..10_000).map(|n| format!("m{n}")).collect();
    let deep = |n: usize| {
        node(&names[n], &names[n.saturating_sub(1)..n].iter().map(String::as_str).collect::<Vec<_>>(), n as i64)
    };
    let nodes: Vec<_> = (0..10_000).map(deep).collect();
    let placed = forest(&nodes);
    assert_eq!(placed.last().map(|last| (last.node, last.depth)), Some((9_999, 9_999)));
    let circle: Vec<_> = (0..10_000).map(|n| node(&names[n], &[names[(n + 1) % 10_000].as_str()], n as i64)).collect();
    assert_eq!(forest(&circle).len(), 10_000);
}

#[test]
fn sets_grow_together() {
    let mut groups = Groups::default();
    groups.join("a", "b");
    groups.join("c", "d");
    assert_ne!(groups.of("a"), groups.of("c"));
    groups.join("b", "c");
    assert_eq!(groups.of("a"), groups.of("d"));
    assert_ne!(groups.of("a"), groups.of("e"));
}

const NAMES: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];

proptest! {
    #[test]
    fn any_order_gives_the_same_forest(
        posts in proptest::collection::vec((proptest::collection::vec(0..12_usize, 0..4), 0..5_i64), 1..12)
            .prop_flat_map(|posts| {
                let order: Vec<usize> = (0..posts.len()).collect();
                (Just(posts), Just(order).prop_shuffle())
            })
    ) {
        let (posts, order) = posts;
        let make = |n: usize| {
            let (refs, at) = &posts[n];
            node(NAMES[n], &refs.iter().map(|r| NAMES[*r]).collect::<Vec<_>>(), *at)
        };
        let straight: Vec<_> = (0..posts.len()).map(make).collect();
        let shuffled: Vec<_> = order.into_iter().map(make).collect();
        let drawing = drawn(&straight);
        prop_assert_eq!(drawing.len(), posts.len());
        prop_assert_eq!(drawing, drawn(&shuffled));
    }
}
