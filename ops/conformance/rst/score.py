#!/usr/bin/env python3
"""Run an implementation over the cases of cases.py and report passes by file.

usage: score.py CASES.jsonl [options] -- COMMAND [ARG...]

Protocols
  (default) batch: COMMAND gets JSON lines {"id","kind","input","settings","transforms",
            "initial_state"} on stdin and answers JSON lines {"id","output"} or {"id","error"}
            in the same order.  When it dies or is silent for --timeout seconds, the first unanswered
            case is counted as a crash/hang and COMMAND is started again on the rest.
  --stdin   one process per case: reST on stdin, pseudo-XML on stdout (cases with settings that
            differ from the defaults are skipped unless --force-settings).
Options
  --kinds parse,transform   which kinds (default both)      --category syntax,directive
  --no-flags pygments,file_io,python_text   leave out cases with these flags
  --lenient  also count matches after dropping system_message subtrees and ids/names/refid/backrefs, and ("skeleton") after
             dropping every attribute: element tree and text only
  --failures FILE  write a unified diff for every failure    --json FILE  totals as JSON
"""
import argparse, collections, difflib, json, queue, re, subprocess, sys, threading
ap = argparse.ArgumentParser(usage=__doc__)
ap.add_argument('cases'); ap.add_argument('--stdin', action='store_true'); ap.add_argument('--force-settings', action='store_true')
ap.add_argument('--kinds', default='parse,transform'); ap.add_argument('--category'); ap.add_argument('--no-flags', default='')
ap.add_argument('--lenient', action='store_true'); ap.add_argument('--failures'); ap.add_argument('--json'); ap.add_argument('--timeout', type=float, default=10)
i = sys.argv.index('--'); cmd = sys.argv[i+1:]; a = ap.parse_args(sys.argv[1:i])
kinds = set(a.kinds.split(',')); cats = set(a.category.split(',')) if a.category else None; nof = set(filter(None, a.no_flags.split(',')))
cases = [json.loads(l) for l in open(a.cases, encoding='utf-8')]
cases = [c for c in cases if c['kind'] in kinds and (not cats or c['category'] in cats) and not nof & set(c['flags'])]

def expected(c): return c.get('expected_pseudoxml', c.get('expected'))
def lenient(t):
    out, skip = [], None
    for line in t.splitlines():
        ind = len(line) - len(line.lstrip(' '))
        if skip is not None and (ind > skip or not line.strip()): continue
        skip = None
        if line.lstrip().startswith('<system_message'): skip = ind; continue
        if line.lstrip().startswith('<'): line = re.sub(r' (ids|names|dupnames|refid|backrefs|auto|source|xml:space|current_\w+)="[^"]*"', '', line)
        out.append(line.rstrip())
    return '\n'.join(out)

def skeleton(t):
    out, prev = [], None
    for l in lenient(t).split('\n'):
        if re.match(r'^ *<\w+[^<]*>$', l): out.append(re.sub(r'^( *)<(\w+)[^>]*>$', r'\1<\2>', l)); prev = None; continue
        ind, tx = len(l) - len(l.lstrip(' ')), ' '.join(l.split())
        if prev == ind and out: out[-1] = ' '.join((out[-1] + ' ' + tx).split(' ')); continue
        out.append(' ' * ind + tx); prev = ind
    return '\n'.join(re.sub(r'(?<=\S) +', ' ', x).rstrip() for x in out if x.strip())

got = {}
if a.stdin:
    for c in cases:
        if c['settings'] and not a.force_settings: got[c['id']] = ('skip', ''); continue
        try: r = subprocess.run(cmd, input=c['input'], capture_output=True, text=True, timeout=a.timeout, encoding='utf-8')
        except subprocess.TimeoutExpired: got[c['id']] = ('hang', ''); continue
        got[c['id']] = ('out', r.stdout) if r.returncode == 0 else ('crash', r.stderr[-500:])
else:
    todo = collections.deque(cases)
    while todo:
        p = subprocess.Popen(cmd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding='utf-8', errors='replace')
        def feed(items, f):
            try:
                for c in items: f.write(json.dumps({k: c.get(k) for k in ('id', 'kind', 'input', 'settings', 'transforms', 'initial_state', 'writer')}, ensure_ascii=False) + '\n')
                f.close()
            except (BrokenPipeError, OSError): pass
        threading.Thread(target=feed, args=(list(todo), p.stdin), daemon=True).start()
        q = queue.Queue()
        def read(f, q):
            for line in f: q.put(line)
            q.put(None)
        threading.Thread(target=read, args=(p.stdout, q), daemon=True).start()
        why = 'crash'
        while todo:
            try: line = q.get(timeout=a.timeout)
            except queue.Empty: why = 'hang'; break
            if line is None: break
            try: r = json.loads(line)
            except ValueError: continue
            if r.get('id') != todo[0]['id']: continue
            c = todo.popleft(); got[c['id']] = ('err', r['error']) if 'error' in r else ('out', r['output'])
        p.kill(); p.wait()
        if todo: got[todo.popleft()['id']] = (why, '')

rows = collections.defaultdict(collections.Counter); tot = collections.Counter(); fails = []
catrows = collections.defaultdict(collections.Counter)
for c in cases:
    st, out = got[c['id']]; e = expected(c)
    for row in (rows[c['file']], tot, catrows[c['kind'] + '/' + c['category']]):
        row['n'] += 1
        if st != 'out': row[st] += 1
        elif out == e or out.rstrip('\n') == e.rstrip('\n'): row['pass'] += 1; row['lenient'] += 1; row['skeleton'] += 1
        elif a.lenient and lenient(out) == lenient(e): row['lenient'] += 1; row['skeleton'] += 1
        elif a.lenient and skeleton(out) == skeleton(e): row['skeleton'] += 1
    if st != 'out' or out.rstrip('\n') != e.rstrip('\n'): fails.append((c, st, out))
def show(k, r): print(f"{k:66} {r['pass']:4}/{r['n']:<4} {100*r['pass']/r['n']:5.1f}%" + (f"  lenient {r['lenient']:4} {100*r['lenient']/r['n']:5.1f}%  skeleton {r['skeleton']:4} {100*r['skeleton']/r['n']:5.1f}%" if a.lenient else '') + ''.join(f'  {s} {r[s]}' for s in ('skip', 'err', 'crash', 'hang') if r[s]))
for f in sorted(rows): show(f, rows[f])
print('-- by kind/category'); [show(k, catrows[k]) for k in sorted(catrows)]
show('TOTAL', tot)
if a.json: json.dump({'total': tot, 'files': rows, 'categories': catrows}, open(a.json, 'w'), indent=1)
if a.failures:
    with open(a.failures, 'w', encoding='utf-8') as f:
        for c, st, out in fails:
            f.write(f"=== {c['id']} [{st}] {c['settings']} {c.get('transforms') or ''}\n{c['input']}\n--- diff\n" + ''.join(difflib.unified_diff(expected(c).splitlines(True), (out or '').splitlines(True), 'expected', 'got')) + '\n')
