"""Makes a Fossil repository with check-ins and tickets.

usage: fossil_fill.py REPOSITORY ISSUES.jsonl

The check-ins come by `fossil import --git`. Tickets and their comments are put into the tables that its pages read
(ticket, ticketchng; Fossil's "Ticket Tables"), since `fossil ticket add` is a process for each.
"""
import json, sqlite3, subprocess, sys

START = 1_763_596_800
STATUSES = ['Open', 'Verified', 'Review', 'Deferred', 'Fixed', 'Tested', 'Closed', 'Open']
PRIORITIES = ['critical', 'urgent', 'bug', 'feature', 'wish']

repository, file = sys.argv[1:3]
with open(file, encoding='utf-8') as lines:
    issues = [json.loads(line) for line in lines]


def data(text):
    return f'data {len(text.encode())}\n{text}\n'


stream = []
for row in issues:
    n = row['n']
    stream.append(f'commit refs/heads/master\nmark :{n}\ncommitter Person {n % 97} <person{n % 97}@example.net> {START + n * 300} +0000\n'
                  + data(row['title']) + (f'from :{n - 1}\n' if n > 1 else '') + 'M 100644 inline file\n' + data(row['messages'][0]))
subprocess.run(['fossil', 'import', '--git', '--quiet', repository], input='\n'.join(stream).encode(), check=True,
               stdout=subprocess.DEVNULL)

db = sqlite3.connect(repository)
for row in issues:
    n = row['n']
    day = 2440587.5 + (START + n * 300) / 86400
    db.execute('INSERT INTO ticket (tkt_id, tkt_uuid, tkt_mtime, tkt_ctime, type, status, subsystem, priority, title) '
               'VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
               (n, f'{n:010x}{n:030x}', day, day, 'Code_Defect', STATUSES[n % 8], f'word{n % 5 + 1}', PRIORITIES[n % 5], row['title']))
    db.executemany('INSERT INTO ticketchng (tkt_id, tkt_mtime, tkt_user, login, username, mimetype, icomment) '
                   "VALUES (?, ?, ?, ?, ?, 'text/x-markdown', ?)",
                   [(n, day, f'person{n % 97}', f'person{n % 97}', f'Person {n % 97}', body) for body in row['messages']])
db.execute("INSERT INTO reportfmt (rn, owner, title, mtime, cols, sqlcode) VALUES (99, 'bench', 'Filtered', 0, '', "
           '"SELECT substr(tkt_uuid, 1, 10) AS \'#\', datetime(tkt_mtime) AS \'mtime\', type, status, subsystem, priority, title '
           "FROM ticket WHERE priority = 'bug' AND subsystem = 'word3' ORDER BY tkt_mtime DESC LIMIT 50\")")
# Links are for those who may have them: people, not robots.
db.execute("UPDATE user SET cap = cap || 'h' WHERE login = 'nobody'")
db.commit()
