"""One machine: files, disks, services, packages, network. How the table is read: ``risk_rules``."""

TABLE = r"""
systemctl              read    (?:status|is-\S+|list-\S+|show\S*|cat|help|get-default)\b
service                read    \S+ status\b
                       read    --status-all
rc-service             read    \S+ status\b
journalctl             destroy .*--(?:vacuum-\S+|rotate)
                       read
dd                     read    .*\bof=/dev/null
                       destroy .*\bof=
                       read
wipefs                 destroy .*(?:-a|--all)
                       read
fdisk                  read    (?:.* )?-l
                       destroy
parted                 read    .*\bprint\b
                       destroy .*\brm\b
sgdisk                 destroy .*(?:-Z|--zap|-d)
                       read    .*-p
zfs                    read    (?:list|get|diff)\b
                       destroy (?:destroy|rollback)\b
zpool                  read    (?:list|status|get|iostat|history)\b
                       destroy (?:destroy|labelclear)\b
mdadm                  read    .*--(?:detail|examine|query)
                       destroy .*--zero-superblock
find                   destroy .*-delete\b
                       destroy .*-exec(?:dir)? (?:sudo )?(?:rm|shred|unlink)\b
                       read    .*-exec(?:dir)? (?:ls|cat|grep|stat|du|file|head|wc|md5sum)\b
                       change  .*-exec
                       read
sed                    change  (?:.* )?(?:-i\S*|--in-place\S*)(?: |$)
                       read
perl                   change  (?:.* )?-\w*i
tee                    read    /dev/(?:null|stderr)$
tar                    read    -?\w*t\w*f?\b
unzip                  read    -[lt]\b
ip                     read    (?:-\S+ )*(?:\w+)(?: (?:show|list|get|ls)\b.*)?$
                       destroy (?:-\S+ )*\w+ (?:del|delete|flush)\b
ifconfig               read    (?:\S+|-a)?$
route                  read    (?:-n)?$
iptables               read    (?:.* )?(?:-L|-S|--list|--list-rules)
                       destroy (?:.* )?(?:-F|-X|--flush)\b
                       destroy (?:.* )?(?:-D|--delete)\b
nft                    read    list\b
                       destroy (?:flush|delete)\b
ufw                    read    status\b
                       destroy .*\bdelete\b
firewall-cmd           read    .*--(?:list|get|state|query)\S*
ethtool                read    (?:-[iSkg] )?\S+$
sysctl                 change  (?:.* )?-w\b|.*=
                       read
crontab                read    (?:.* )?-l\b
                       destroy (?:.* )?-r\b
mount                  read    (?:-l)?$
fsck                   read    (?:.* )?-[nN]\b
chronyc                read    (?:tracking|sources\w*|activity|clients)\b
                       read    -n sources
timedatectl            read    (?:status|show|list-timezones|timesync-status)?$
apt                    read    (?:list|show|search|policy)\b
                       destroy (?:remove|purge|autoremove)\b
apt-get                read    (?:.* )?(?:-s|--dry-run|--simulate)\b
                       destroy (?:-\S+ )*(?:remove|purge|autoremove)\b
dpkg                   read    -[lLsS]\b|--list
                       destroy -[rP]\b|--purge
rpm                    read    -q
                       destroy -e\b
yum,dnf                read    (?:list|info|search|history|repolist)\b
                       destroy (?:-y )?(?:remove|erase)\b
rsync                  read    (?:.* )?(?:-\w*n\w*|--dry-run)(?: |$)
                       destroy .*--delete\b
ssh                    read    \S+$
                       read    (?:-\S+ \S+ )*-N\b|.* -L\s
ssh-keygen             change  (?:.* )?-R\b
                       read    (?:.* )?-l
scp                    read    \S+:\S+ (?!\S+:)
multipath              read    -ll?
hdparm                 read    -[Iit]
postqueue              read    -p
postsuper              destroy .*-d\b
exim                   read    -bp
                       destroy -Mrm
kill                   read    -l$|-0\b
wg                     read    (?:show.*)?$
ipsec                  read    status\w*\b
swanctl                read    --(?:list|stats)\S*
birdc                  read    show\b
vtysh                  read    .*-c ['\"]show
perf                   read    (?:top|stat|record|report)\b
nvidia-smi             read    (?:-L|-q.*)?$
ipmitool               read    .*\b(?:list|status|print|elist|info)\b
vmware-toolbox-cmd     read    \S+ (?:status|list)\b
gitlab-rake            read    .*(?:check|info|status)\b
snapraid               read    (?:status|diff)\b
snap                   read    (?:list|info|find|changes)\b
                       destroy remove\b
launchctl              read    list\b
"""
