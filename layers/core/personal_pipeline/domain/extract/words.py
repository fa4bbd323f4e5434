"""The words that rules go by: what an instruction begins with, what a section is called.

``VERBS`` are instructions wherever a sentence begins with one. ``NOUNS_TOO`` are names of things as well ("Log levels
are …"), so that what follows them is looked at.
"""

import re

VERBS = frozenset(
    """
    abort accept acknowledge acquire activate add address adjust adopt alias allocate allow allowlist alter amend
    analyse analyze annotate announce answer append apply approve archive arrange ask assemble assert assign assume
    attach audit authenticate authorise authorize await backfill backport begin bind block-list bootstrap borrow
    bounce brief bring browse bump calculate calibrate call cancel capture carry catch cd chase chmod choose clamp
    clarify clean clear click clip clone close collapse collect come compare compile complete compress compute
    configure confirm connect consider consolidate consult consume contact continue convert cordon correct correlate
    create curl customise customize deactivate decide declare decommission decompress decrease decrypt dedupe defer
    define defragment defrost delegate delete demote deny deploy deregister describe destroy detach detect determine
    diagnose dial dig disable disarm discard disconnect discover discuss dismiss dismount divert do double
    double-check downgrade download downscale drain drive drop edit eject elect eliminate embed emit empty enable
    encrypt enforce enlarge enqueue enrol enroll ensure enter erase escalate establish estimate evacuate evaluate evict
    examine exclude exec execute exempt expand expire explain explore export expose extend extract failover fasten
    federate fence fetch figure fill filter finalise finalize find fine-tune finish fix flip flush follow force fork
    forward free freeze gather generate get give go grab grant greet grep grow guarantee guide gzip halt hand handle
    hang have head hide hit hoist identify ignore impersonate implement import improve include incorporate increase
    inform initialise initialize initiate inject insert inspect install interrupt inventory investigate invite
    invoke isolate issue join jump keep kill knock know launch lay leave lend lengthen let lift list locate log-in
    login look lookup loosen lower maintain make manage manually mark measure mention merge migrate mind minimise
    minimize mirror mitigate modify mount move mute navigate nominate notify nudge observe obtain offboard offload
    omit onboard open operate opt optimise optimize order override overwrite pass paste pause perform permit
    photograph pick pin place populate pour power-cycle practise prefer prepare preserve press prevent preview probe
    proceed profile promote propose prove provide provision prune publish pull purge push put quarantine query
    quiesce quit raise re-create re-deploy re-enable re-run reach read readd rearrange rebalance rebase reboot
    rebuild recall reclaim reconcile reconfigure reconnect recover recreate recycle redeploy redirect reduce refer
    refill refresh regenerate rehearse reindex reinit reinstall reinstate reject rejoin relaunch relax release
    reload relocate remediate remember remind remount remove rename render renew reopen reorder repair repeat
    replace replay replenish replicate report reproduce request requeue rerun rescale reschedule research reseat
    reserve reset resize resolve respond restart restore resume resync retain retire retrieve retry return reuse
    revert review revise revoke rewind rewrite rinse roll rotate rsync run sanitise save say scan schedule scp
    scrape scroll scrub search secure see seek select send set setup shake shell shelter shorten show shrink shut
    shutdown sign silence simulate skip slide solve sort speak specify spin split spot spread ssh stagger start
    stick stop store study submit subscribe substitute suppress suspend sweep swipe switch sync synchronise
    synchronize tail taint take take-over talk tap tape tear tell telnet terminate test thaw throttle tick tidy tie
    tighten toggle train transfer translate transmit treat trigger trim troubleshoot truncate try tune turn type
    unassign unblock uncheck uncomment uncordon undo uninstall unload unlock unmount unmute unpack unpause unplug
    unpublish unregister unscrew unseal unset unsubscribe untaint untar untick unzip update upgrade upload use
    utilise utilize vacuum validate ventilate verify vet view visit wait walk warn wash watch wear weigh whitelist
    widen wipe withdraw work wrap write zip zoom
    """.split()  # noqa: SIM905 - a list of names reads best as names
)
NOUNS_TOO = frozenset(
    """
    access address alert attempt back backup balance block boot break build bypass cache call cap change charge
    check clamp commit cool copy count cut debug decrease default delay dial dispatch display document drop dump
    e-mail email end exit file filter flag force format group guard head hit hold host increase index input issue
    label limit link list load lock log lookup mail map message monitor move name note order output page pair park
    patch peer phone ping pipe place plan plug point poll post power print probe process profile protect pump purge
    query rate reboot recheck record reference register release reply report request rest restart result return ring
    round route run sample scale scan schedule screw script seal search set setup share shell ship show sign size
    sleep slide snapshot split spray stage start stash step stick stop store strip stub support swap switch tag tape
    target test text touch trace track transfer trust try tunnel turn type unlock update upgrade use value vent view
    vote warm wave work zero
    """.split()  # noqa: SIM905 - a list of names reads best as names
)
PARTICLES = re.compile(
    r"(?:is|are|was|were|has|had|have|will|can|may|might|must|should|shall|does|did|fails?|of|means|"
    r"happens|occurs|comes|runs"
    r"|goes|shows|succeeds?|returns?|takes|works|gets|needs|says|contains|become\w*|exceeds?|ran|"
    r"failed|and\s+\w+\s+(?:is|are))\b"
)
GERUNDS = re.compile(
    r"(?:adding|scaling|restarting|increasing|reducing|deleting|removing|checking|upgrading|rolling|"
    r"replacing|moving|changing"
    r"|lowering|raising|cleaning|enabling|disabling|draining|rebooting|killing|redeploying|tuning|"
    r"adjusting|freeing|resizing|running|using|creating|updating|recreating|clearing|stopping|starting|setting)\b",
    re.IGNORECASE,
)

# What a section is called, by its first fitting line. A section without a kind is read like a procedure.
SECTIONS: list[tuple[str, re.Pattern[str]]] = [
    (kind, re.compile(rf"(?:{pattern})", re.IGNORECASE))
    for kind, pattern in [
        ("expected", r"expected (?:afterwards|results?|outcome|output)$"),
        ("prerequisite",
        r"pre-?\s?requisites?\b|requirements?$|before (?:you|we) (?:start|begin|go)|before starting|"
        r"pre-?conditions?\b"


        r"|what you(?:'ll| will)? need|you (?:will )?need$|needed$|you need first|required (?:access|"
        r"tools|permissions)"
        ),
        ("verification",
        r"(?:how to )?(?:verif(?:y|ying|ication)|validat(?:e|ion|ing))\b(?!.*\bcertificate)|done when|it "
        r"is done when|success criteria|check that it worked"


        r"|confirm(?:ing)? (?:the )?(?:fix|recovery|success)|how (?:do|to) (?:you |we |i )?(?:know|see|"
        r"tell)\b.*(?:work|done|fixed|over)|post-?checks?$"


        r"|(?:has|did) it (?:worked|work)|it worked (?:when|if)|acceptance$|after (?:the )?(?:repair|incident|outage|"
        r"change|fix)$"
        ),
        ("rollback",
        r"(?:how to )?roll(?:ing)?[ -]?back\b|(?:how to )?undo(?:ing)?\b|revert(?:ing)?\b|back(?:ing)?[ "
        r"-]?out\b|going back|the way back|way back"

                     r"|clean(?:ing)?[ -]?up\b|put(?:ting)? it back|abort(?:ing)?$|if it goes wrong"),
        ("escalation",
        r"escalat\w+|contacts?\b|who (?:to|helps|can|else|is|do|knows)\b|whom\b|on[ -]call$|getting help|"
        r"get help|(?:need )?help$|support$|call list|people$|phone"
        ),
        ("background",
        r"meaning|impact|causes?$|likely causes?|possible causes?|root causes?|descriptions?$|background|"
        r"overview|introduction|about\b|context$|what (?:it|this|that) "


        r"(?:means|is|does)|what (?:does|is)\b.*|why\b.*|how it works|how .* works?$|summary$|"
        r"references?$|further reading|see also|related|links?$|(?:table of )?contents?$|resources$|"


        r"additional (?:resources|information)|more information|symptoms?$|problem(?: description| "
        r"statement)?$|severity|glossary|definitions?$|change ?log|history$|alerts?:|"

                       r"limitations?$|architecture$|timeline|false positives?$|known issues$|what happens"),
    ]
]  # fmt: skip
# In lower case, to be sought in text in lower case: with IGNORECASE every branch is tried at every word.
CALLING = re.compile(
    r"\b(?:ask|tell|let(?= [\w' -]{3,50} know\b)|call|page|paging|contact|notify|inform|escalate(?: it| this)? to|"
    r"write(?: an? "
    r"\w+)? to|reach(?: out to)?|ring|phone|"
    r"speak (?:to|with)|talk to|message|alert|e-?mail|ping|open a (?:case|ticket)(?: with| in)?|raise "
    r"(?:it|this|a \w+) (?:with|in|to)|"
    r"hand(?: it)? over to|get|fetch|wake(?: up)?|involve|consult|report (?:it )?(?:to|in)|post (?:it "
    r"|this )?(?:in|to)|"
    r"announce(?: it)? in|say so in|say it in|help from|with)\b",
)
