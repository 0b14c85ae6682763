-- A job that a hub was at when it was killed, one that waits, and a claimed mail.
INSERT INTO "job" ("id", "name", "waiting_key", "payload", "state", "run_at", "created_at", "tries", "claimed_until", "error", "claimed_by") VALUES
(7, 'test/killed', NULL, '{"number":7}', 'running', '2026-11-21T16:33:20.000+00:00', '2026-11-21T16:33:20.000+00:00', 1, '2026-11-21T16:33:27.000+00:00', '', 'node-of-then'),
(8, 'test/waiting', 'test/waiting 8', '{"number":8}', 'waiting', '2026-11-21T16:33:21.000+00:00', '2026-11-21T16:33:21.000+00:00', 0, NULL, 'It will be tried again.', NULL);
UPDATE "mail_out" SET "claimed_until" = '2026-11-21T16:33:27.000+00:00', "claimed_by" = 'node-of-then' WHERE "id" = 2;
