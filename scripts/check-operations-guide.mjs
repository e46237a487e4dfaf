// Runs the commands of docs/operations.md as they stand, in a copy of this machine that is gone afterwards (the guide's own section tells how).
// Usage, as root: npm run check:operations
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What happens between the sections, and must be so after them. */
const BESIDE = {
  Install: { after: 'node "$GUIDE/scripts/operations/check-numbers.mjs" quiet' },
  'Back up and restore': {
    // One meeting only waits in the queue when the copies are made. What comes after them is gone with the restore.
    before: 'systemctl stop bbb-activity-worker@1 bbb-activity-worker@2; bbb-activity replay flaky --speed 0',
    after: 'bbb-activity verify; node "$GUIDE/scripts/operations/check-numbers.mjs" quiet flaky; bbb-activity verify',
  },
  Upgrade: {
    before: 'bbb-activity replay quiet --speed 1000 --renumber during > /tmp/during & during=$!',
    after: 'wait $during; cat /tmp/during; node "$GUIDE/scripts/operations/check-numbers.mjs" flaky; bbb-activity verify',
  },
};

const script = ['set -euo pipefail'];
for (const { title, blocks } of sectionsOf(readFileSync(join(ROOT, 'docs/operations.md'), 'utf8'))) {
  const beside = BESIDE[title];
  if (beside === undefined) continue;
  script.push(`echo '== ${title}'`, beside.before ?? '', ...blocks, beside.after ?? '');
}
for (const title of Object.keys(BESIDE))
  if (!script.includes(`echo '== ${title}'`)) throw new Error(`the guide has no section ${title}`);

const above = mkdtempSync('/mnt/bbb-activity-guide-');
/** In namespaces of mounts and processes of its own: all that is started ends with the first process of it. */
const OUTSIDE = `
set -e
mount -t tmpfs tmpfs "$ABOVE"
mkdir "$ABOVE/changes" "$ABOVE/work" "$ABOVE/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$ABOVE/changes,workdir=$ABOVE/work" "$ABOVE/root"
cd "$ABOVE/root"
mount -t proc proc proc
mount --rbind /dev dev
mount --rbind /sys sys
mount -t tmpfs tmpfs run
mkdir -p run/postgresql run/redis tmp/guide mnt/source
chown postgres:postgres run/postgresql 2>/dev/null || true
chown redis:redis run/redis 2>/dev/null || true
mount --rbind "$SOURCE" mnt/source
printf '%s' "$GUIDE_SCRIPT" > tmp/guide.sh
ln -sf /mnt/source/scripts/operations/systemctl.mjs usr/local/bin/systemctl
exec chroot . /usr/bin/env -i PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive \\
  GUIDE=/mnt/source BBB_ACTIVITY_SOURCE=file:///mnt/source BBB_SECRET=secret-of-the-server $PASSED bash -x /tmp/guide.sh
`;

const passed = Object.entries(process.env)
  .filter(([name]) => /proxy|_ca_|cafile|ssl_cert/i.test(name))
  .map(([name, value]) => `${name}=${value}`);
mkdirSync(above, { recursive: true });
try {
  const { status } = spawnSync('unshare', ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', OUTSIDE], {
    env: { PATH: process.env.PATH, ABOVE: above, SOURCE: ROOT, GUIDE_SCRIPT: script.join('\n'), PASSED: passed.join(' ') },
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} finally {
  rmdirSync(above);
}
process.stdout.write(process.exitCode === 0 ? 'the guide holds\n' : 'the guide FAILED\n');

/** The `sh` blocks below each heading of the second level, in their order. */
function sectionsOf(text) {
  return text
    .split(/^## /m)
    .slice(1)
    .map((section) => ({
      title: section.slice(0, section.indexOf('\n')),
      blocks: [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block),
    }));
}
