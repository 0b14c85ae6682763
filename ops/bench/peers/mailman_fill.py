"""Makes a list in Mailman Core and gives it so many members.

usage: mailman_fill.py CONFIG DATABASE LIST MEMBERS

The list and its first member come by Mailman's own commands (mailman create, mailman addmembers); the others, copies
of the first, by SQL: Mailman takes 19 ms of CPU for each.
"""
import sqlite3, subprocess, sys
from pathlib import Path

config, database, posting_address, count = sys.argv[1:4] + [int(sys.argv[4])]
mailman = [Path(sys.executable).with_name('mailman'), '-C', config]
subprocess.run([*mailman, 'create', '--quiet', posting_address], check=True)
subprocess.run([*mailman, 'addmembers', '--no-welcome-msg', '-', posting_address], input=b'ann@example.org\n',
               check=True, stdout=subprocess.DEVNULL)

db = sqlite3.connect(database)
last = {table: db.execute(f'SELECT max(id) FROM {table}').fetchone()[0] for table in ('preferences', 'address', 'member')}
list_id = posting_address.replace('@', '.')
for n in range(count - 1):
    of_address, of_member = last['preferences'] + 2 * n + 1, last['preferences'] + 2 * n + 2
    db.executemany('INSERT INTO preferences (id) VALUES (?)', [(of_address,), (of_member,)])
    db.execute('INSERT INTO address (id, email, verified_on, registered_on, preferences_id) '
               'SELECT ?, ?, verified_on, registered_on, ? FROM address WHERE email = ?',
               (last['address'] + n + 1, f'member{n}@example.com', of_address, 'ann@example.org'))
    db.execute('INSERT INTO member (id, _member_id, role, list_id, address_id, preferences_id, bounce_score, '
               'last_warning_sent, total_warnings_sent) '
               'SELECT ?, ?, role, list_id, ?, ?, 0, last_warning_sent, 0 FROM member WHERE list_id = ? AND id = ?',
               (last['member'] + n + 1, f'{n:032x}', last['address'] + n + 1, of_member, list_id, last['member']))
db.commit()
