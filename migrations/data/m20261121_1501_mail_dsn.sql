-- A mail whose sender wants to hear that it arrived.
INSERT INTO "mail_in" ("id", "blob", "size", "envelope_from", "via", "received_at", "dsn") VALUES
(900, '2a810b01a5530418784f9df11a7a28f516c117859aa03a7e5c1ed7d95b8722f9', 308, 'ann@example.org', 'smtp 192.0.2.1', '2026-11-21T16:33:22.000+00:00', 'RET=HDRS ENVID=12');
INSERT INTO "mail_in_rcpt" ("id", "mail_id", "address", "mailbox", "state", "tries", "due_at", "reply", "done_at", "dsn") VALUES
(900, 900, 'postmaster@hub.test', '', 'kept', 0, NULL, '', '2026-11-21T16:33:22.000+00:00', 'NOTIFY=SUCCESS ORCPT=rfc822;postmaster@hub.test');
