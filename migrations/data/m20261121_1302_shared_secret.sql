-- The secret that the hubs of one database share.
INSERT INTO "hub_secret" ("name", "value") VALUES
('hub', X'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
