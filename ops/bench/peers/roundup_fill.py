"""Makes a Roundup tracker of its classic template and fills it with the issues of the bench.

usage: roundup_fill.py HOME ISSUES.jsonl

Through Roundup's own database layer (roundup.instance, Roundup's "customizing" manual), without nosyreaction, so that
nothing is mailed. The address of its web and of its mail server are set by whoever runs it.
"""
import json, subprocess, sys, time
from pathlib import Path

from roundup import configuration, date, instance, password

PASSWORD = 'a quiet heron counts the tides'
PEOPLE = 97
# 2025-11-20, then an issue every five minutes, as in the hub.
START = 1_763_596_800


def make(home):
    admin = Path(sys.executable).with_name('roundup-admin')
    subprocess.run([admin, '-i', home, 'install', 'classic', 'sqlite'], check=True, stdout=subprocess.DEVNULL)
    config = configuration.CoreConfig(home)
    config['TRACKER_WEB'] = 'http://127.0.0.1:65000/bench/'
    config['MAIL_DOMAIN'] = 'hub.test'
    config['TRACKER_EMAIL'] = 'issues'
    config['MAIL_HOST'] = '127.0.0.1'
    config['MAIL_PORT'] = 64999
    # With tokens, each of which serves once, each form would need a page of its own before it.
    config['WEB_USE_TOKENLESS_CSRF_PROTECTION'] = 'yes'
    config.save()
    instance.open(home).init(password.Password(PASSWORD, config=config))


def fill(home, lines):
    tracker = instance.open(home)
    db = tracker.open('admin')
    secret = password.Password(PASSWORD, config=db.config)
    db.user.create(username='ann', realname='Ann', address='ann@example.org', password=secret, roles='User,Admin')
    people = [db.user.create(username=f'person{n}', realname=f'Person {n}', address=f'person{n}@example.net',
                             roles='User') for n in range(PEOPLE)]
    keywords = [db.keyword.create(name=f'word{n}') for n in range(1, 21)]
    priorities, statuses = sorted(db.priority.list(), key=int), sorted(db.status.list(), key=int)
    for count, line in enumerate(lines, 1):
        row = json.loads(line)
        n, who = row['n'], people[row['n'] % PEOPLE]
        sent = date.Date(time.strftime('%Y-%m-%d.%H:%M:%S', time.gmtime(START + n * 300)))
        messages = [db.msg.create(author=people[(n + k) % PEOPLE], date=sent, summary=body[:40], content=body,
                                  messageid=f'msg{n}.{k}@hub.test') for k, body in enumerate(row['messages'])]
        db.issue.create(title=row['title'], messages=messages, nosy=[who], assignedto=who,
                        priority=priorities[n % 5], status=statuses[n % 8], keyword=[keywords[n % 5]])
        if count % 500 == 0:
            db.commit()
            print(f'  {count} issues in Roundup', file=sys.stderr)
    db.commit()
    db.close()


make(sys.argv[1])
# It mails everybody who follows an issue; it comes back when the issues are there.
detector = Path(sys.argv[1], 'detectors/nosyreaction.py')
detector.rename(detector.with_suffix('.later'))
with open(sys.argv[2], encoding='utf-8') as lines:
    fill(sys.argv[1], lines)
detector.with_suffix('.later').rename(detector)
