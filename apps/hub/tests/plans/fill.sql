-- Rows in bulk for the test of query plans: {N} of everything that grows. `numbers` has n from 1 to {N}, a time `at` that
-- grows with it, one `now`, and the `day`, `month` and 40 hexadecimal digits `hex` of each. The first 49 rows belong to one
-- issue, one thread, one push, one day: pages of those must not ask more often when they show more.
-- {P} is who did it: participant 1001 every second time, else one of 96 others.

INSERT INTO mailing_list (id, name, title, description, audience, roster, is_listed, is_announce, needs_approval, member_action,
                          nonmember_action, is_emergency, subject_prefix, max_size, max_rcpts, bounce_threshold, bounce_stale_days,
                          post_count, created_at)
  SELECT 1000 + n, 'dev' || n, 'Development', '', 'public', 'members', TRUE, FALSE, FALSE, 'accept', 'hold', FALSE, '', 0, 0, 5, 7,
         {N}, at FROM numbers WHERE n <= 40;
INSERT INTO participant (id, user_id, name, address, created_at)
  SELECT 1000 + n, 1000 + n, 'Person ' || n, 'user:person' || n, at FROM numbers;
INSERT INTO "user" (id, name, display_name, state, participant_id, timezone, about, created_at, seen_at)
  SELECT 1000 + n, 'person' || n, 'Person ' || n, CASE WHEN n % 10 = 9 THEN 'waiting' ELSE 'active' END, 1000 + n, 'UTC', '',
         at, now FROM numbers;
INSERT INTO user_email (id, user_id, address, confirmed_at, is_primary)
  SELECT 1000 + n, 1000 + n, 'person' || n || '@example.net', at, TRUE FROM numbers;
INSERT INTO user_group (id, name, description) SELECT 1000 + n, 'group' || n, '' FROM numbers WHERE n <= 300;
INSERT INTO group_member (group_id, user_id, is_admin) SELECT 1001 + n % 5, 1000 + n, FALSE FROM numbers WHERE n <= 1000;
INSERT INTO session (id, user_id, hash, address, agent, created_at, seen_at, expires_at, confirmed_at)
  SELECT 1000 + n, 1000 + n, 'bulk' || n, '127.0.0.1', '', at, at, now, at FROM numbers WHERE n <= 20000;
INSERT INTO account_audit (id, at, kind, user_id, name, actor, address, agent, detail)
  SELECT 1000 + n, at, CASE WHEN n % 3 = 0 THEN 'login refused' ELSE 'logged in' END, {P}, 'person', 'person', '127.0.0.1', '', ''
  FROM numbers;
INSERT INTO account_ticket (id, kind, hash, user_id, address, data, created_at, expires_at)
  SELECT 1000 + n, 'invite', 'ticket' || n, NULL, 'guest' || n || '@example.net', '{}', at, now FROM numbers WHERE n <= 1000;

INSERT INTO journal (id, at, kind, module, participant_id, actor, headline, url, audience, payload)
  SELECT 1000 + n, at, 'IssueChanged',
         CASE n % 5 WHEN 0 THEN 'tracker' WHEN 1 THEN 'lists' WHEN 2 THEN 'commits' WHEN 3 THEN 'accounts' ELSE 'site' END,
         {P}, 'person', 'changed issue ' || n, '/issues/' || n, CASE WHEN n % 20 = 0 THEN 'admins' ELSE 'public' END, '{}'
  FROM numbers;
INSERT INTO job (id, name, waiting_key, payload, state, run_at, created_at, tries, claimed_until, error)
  SELECT 1000 + n, 'Bulk', NULL, '{}', CASE WHEN n % 10 = 0 THEN 'failed' ELSE 'waiting' END, at, at, 0, NULL, '' FROM numbers;

INSERT INTO mail_in (id, blob, size, envelope_from, via, received_at)
  SELECT 1000 + n, '{BLOB}', 100, 'person@example.net', 'smtp', at FROM numbers;
INSERT INTO mail_in_rcpt (id, mail_id, address, mailbox, state, tries, due_at, reply, done_at)
  SELECT 1000 + n, 1000 + n, 'dev@hub.test', 'lists', CASE WHEN n % 100 = 0 THEN 'kept' ELSE 'done' END, 1, NULL, '', at FROM numbers;
INSERT INTO mail_out (id, about, blob, size, headers, personal, return_kind, return_path, message_id, subject, eight_bit, utf8,
                      created_at, due_at, claimed_until)
  SELECT 1000 + n, 'post ' || n, '{BLOB}', 100, '', NULL, 'plain', 'dev-bounces@hub.test', 'out' || n || '@hub.test',
         'Subject ' || n, FALSE, FALSE, at, CASE WHEN n % 10 = 0 THEN now ELSE NULL END, NULL FROM numbers;
INSERT INTO mail_out_rcpt (id, mail_id, address, token, state, tries, due_at, reply, done_at)
  SELECT 1000 + n, 1000 + n, 'person' || n || '@example.net', NULL,
         CASE WHEN n % 10 = 0 THEN 'waiting' WHEN n % 10 = 1 THEN 'failed' ELSE 'sent' END, 1,
         CASE WHEN n % 10 = 0 THEN now ELSE NULL END, '250 ok', at FROM numbers;

INSERT INTO search_document (id, key, module, kind, url, title, body, participant_id, at, audience)
  SELECT 1000 + n, CASE n % 3 WHEN 0 THEN 'tracker/issues/' || (1000 + n) WHEN 1 THEN 'lists/post/dev1/' || n ELSE 'chat/libera/#dev/' || n END,
         CASE n % 3 WHEN 0 THEN 'tracker' WHEN 1 THEN 'lists' ELSE 'chat' END, 'thing',
         CASE WHEN n % 3 = 0 THEN '/issues/' || (1000 + n) ELSE '/bulk/' || n END, 'Title ' || n,
         'The common word stands here, module' || n % 1000 || ' does not, single' || n, {P}, at, 'public' FROM numbers;
INSERT INTO search_mention (document_id, target) SELECT 1000 + n, 'issue:1001' FROM numbers WHERE n <= 49;
INSERT INTO search_mention (document_id, target) SELECT 1000 + n, 'issue:' || n FROM numbers WHERE n > 49 AND n <= 20000;

INSERT INTO tracker_item (class_id, number, name, position, meaning, is_retired, created_at, kept, journal)
  SELECT c.id, m.n, 'word' || m.n, m.n, '', FALSE, m.at, '', '' FROM tracker_class c, numbers m
  WHERE c.name = 'keyword' AND m.n <= 20;
INSERT INTO tracker_issue (id, tracker_id, number, title, {STATUS}, {PRIORITY}, {ASSIGNED}, creator_id, created_at, actor_id, activity_at,
                           is_retired, message_count, version)
  SELECT 1000 + n, {TRACKER}, 1000 + n, 'Issue ' || n || ' of the bulk', 1 + n % 8, 1 + n % 5, {P}, {P}, at, {P}, at, FALSE, 1, 1
  FROM numbers;
INSERT INTO tracker_value (issue_id, property_id, link) SELECT 1000 + n, {KEYWORD}, 1 + n % 5 FROM numbers;
INSERT INTO tracker_value (issue_id, property_id, link) SELECT 1000 + n, {NOSY}, {P} FROM numbers;
INSERT INTO tracker_value (issue_id, property_id, link) SELECT 1001, {NOSY}, 1000 + n FROM numbers WHERE n <= 49;
INSERT INTO tracker_value (issue_id, property_id, link) SELECT 1000 + n, {SUPERSEDER}, 1001 FROM numbers WHERE n <= 49;
INSERT INTO tracker_message (id, tracker_id, number, issue_id, author_id, sent_at, created_at, source, format, summary, body, message_id,
                             in_reply_to, recipients, is_retired)
  SELECT 1000 + n, {TRACKER}, 1000 + n, CASE WHEN n <= 49 THEN 1001 ELSE 1000 + n END, 1000 + n, at, at, 'web', 'markdown', 'short',
         'A message that speaks of #' || n || '.', 'msg' || n || '@hub.test', '', '', FALSE FROM numbers;
INSERT INTO tracker_file (id, tracker_id, number, issue_id, message_number, name, content_type, blob, size, creator_id, created_at,
                          is_retired)
  SELECT 1000 + n, {TRACKER}, 1000 + n, CASE WHEN n <= 49 THEN 1001 ELSE 1000 + n END, 1000 + n, 'log.txt', 'text/plain', '{BLOB}', 100,
         {P}, at, FALSE FROM numbers WHERE n <= 20000;
INSERT INTO tracker_history (id, issue_id, at, participant_id, action, source, message_number, changes)
  SELECT 1000 + n, CASE WHEN n <= 49 THEN 1001 ELSE 1000 + n END, at, {P}, 'change', 'web', NULL, '[]' FROM numbers;
INSERT INTO tracker_query (id, tracker_id, number, owner_id, is_private, name, query, is_retired, created_at, kept, journal)
  SELECT 1000 + n, {TRACKER}, 1000 + n, 1000 + n, n % 2 = 0, 'query ' || n, 'status=1', FALSE, at, '', '' FROM numbers WHERE n <= 49;
INSERT INTO tracker_held (id, tracker_id, raw, rcpt, from_name, from_address, subject, excerpt, message_id, at)
  SELECT 1000 + n, {TRACKER}, '{BLOB}', 'issues@hub.test', 'Stranger', 's' || n || '@example.net', 'Held ' || n, '', 'h' || n, at
  FROM numbers WHERE n <= 5000;

INSERT INTO list_thread (id, list_id, begun_by, root_message_id, root_is_reply, subject, participant_id, last_participant_id, started_at,
                         last_at, post_count)
  SELECT 1000 + n, 1001, 'bulk' || n, 'post' || n || '@hub.test', FALSE, 'Thread ' || n, {P}, {P}, at, at, 5 FROM numbers;
INSERT INTO list_post (id, list_id, thread_id, message_id, hash, copy, refs, participant_id, author, subject, body, has_html, at, month,
                       received_at, source, blob, size, files, judgement)
  SELECT 1000 + n, 1001, CASE WHEN n <= 49 THEN 1001 ELSE 1000 + n END, 'post' || n || '@hub.test',
         CASE WHEN n = 1 THEN '{HASH}' ELSE 'HASH' || n END, 0, CASE WHEN n > 1 AND n <= 49 THEN 'post1@hub.test' ELSE '' END, {P}, 'Person',
         'Thread ' || n, 'Text of a post.', FALSE, at, month, at, 'mail', '{BLOB}', 100, CASE WHEN n <= 49 THEN 1 ELSE 0 END, '[]'
  FROM numbers;
INSERT INTO list_message_id (list_id, hash, thread_id) SELECT 1001, 'HASH' || n, 1000 + n FROM numbers;
INSERT INTO list_attachment (post_id, position, name, content_type, size)
  SELECT 1000 + n, 0, 'a.txt', 'text/plain', 10 FROM numbers WHERE n <= 20000;
INSERT INTO list_member (id, list_id, address, address_key, name, participant_id, delivery, own_posts, no_duplicates, is_hidden, token,
                         bounce_score, joined_at)
  SELECT 1000 + n, 1001, 'person' || n || '@example.net', 'person' || n || '@example.net', 'Person', 1000 + n, 'regular', TRUE, FALSE,
         FALSE, 'token' || n, 0, at FROM numbers;
INSERT INTO list_held (id, list_id, participant_id, author, address, message_id, subject, excerpt, blob, size, envelope_from, source, rule,
                       reason, judgement, hash, received_at)
  SELECT 1000 + n, 1001, {P}, 'Stranger', 's@example.net', 'held' || n, 'Held ' || n, '', '{BLOB}', 100, 's@example.net', 'mail',
         'nonmember', 'not a member', '[]', 'held' || n, at FROM numbers WHERE n <= 5000;
INSERT INTO list_bounce (id, list_id, address_key, at, status, reason, scored)
  SELECT 1000 + n, 1001, 'person' || n || '@example.net', at, '5.1.1', 'no such user', TRUE FROM numbers;

INSERT INTO repository (id, name, vcs, path, description, list_address, channel, tracker, closes_on, token, audience, created_at, pushed_at)
  SELECT 1000 + n, 'repo' || n, 'git', '/nowhere/repo' || n, 'A repository', '', '', '', '', '', 'public', at, at
  FROM numbers WHERE n <= 40;
INSERT INTO push (id, repository_id, record, source, raw, pusher, participant_id, at, recorded_at, total, mailed_at)
  SELECT 1000 + n, 1001, 'bulk' || n, 'hook', '{BLOB}', 'person', {P}, at, at, 1, at FROM numbers;
INSERT INTO push_ref (id, push_id, position, refname, kind, change, old_id, new_id, fresh, summary)
  SELECT 1000 + n, CASE WHEN n <= 49 THEN 1001 ELSE 1000 + n END, CASE WHEN n <= 49 THEN n ELSE 0 END, 'refs/heads/b' || n % 50, 'branch',
         'updated', hex, hex, 1, '{}' FROM numbers;
INSERT INTO revision (id, repository_id, push_id, push_ref_id, position, commit_id, number, author_name, author_email, participant_id,
                      committer, authored_at, authored_offset, committed_at, subject, message, parents, files, added, removed, changes,
                      branch, elsewhere)
  SELECT 1000 + n, 1001, CASE WHEN n <= 49 THEN 1001 ELSE 1000 + n END, CASE WHEN n <= 49 THEN 1001 ELSE 1000 + n END,
         CASE WHEN n <= 49 THEN n ELSE 0 END, hex, NULL, 'Person', 'person@example.net', {P}, 'Person', at, 0, at, 'Commit ' || n,
         'Commit ' || n, '', 1, 10, 2, '[]', 'b' || n % 50, '[]' FROM numbers;
INSERT INTO branch (id, repository_id, refname, head, moved_at)
  SELECT 1000 + n, 1001, 'refs/heads/b' || n, hex, at FROM numbers WHERE n <= 5000;

INSERT INTO chat_channel (id, network, name, folded, topic, state, seen_at)
  SELECT 1000 + n, 'libera', '#dev' || n, '#dev' || n, 'Talk', 'on', at FROM numbers WHERE n <= 40;
INSERT INTO chat_line (id, channel_id, at, day, mark, kind, nick, account, text, raw)
  SELECT 1000 + n, 1001, at, day, 'm' || n, 'say', 'person' || n % 50, '', 'a line that speaks of #' || n, NULL FROM numbers;
INSERT INTO chat_say (id, network, channel, text, rank, created_at, said_at)
  SELECT 1000 + n, 'libera', '#dev1', 'said', 1, at, CASE WHEN n % 10 = 0 THEN NULL ELSE at END FROM numbers;
INSERT INTO site_redirect (id, site, path, target) SELECT 1000 + n, 'manual', 'old' || n, 'new' FROM numbers WHERE n <= 5000;
