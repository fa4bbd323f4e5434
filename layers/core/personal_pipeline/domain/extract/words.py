"""The words that rules go by: what an instruction begins with, what a section is called.

``VERBS`` are instructions wherever a sentence begins with one. ``NOUNS_TOO`` are names of things as well ("Log levels
are …"), so that what follows them is looked at.
"""

import re

VERBS = frozenset(
    """
    accept acknowledge acquire activate add address adjust allow amend analyse analyze annotate announce answer append apply approve
    arrange ask assemble assign assume attach authenticate await backfill begin block-list bring browse bump calculate call cancel catch
    choose clean clear click clone close collect come compare complete compute confirm connect consider consult
    contact continue convert cordon correct create deactivate decide declare decommission decrease define delete
    deploy deregister describe detach determine diagnose disable discard disconnect discover divert dig
    double download downscale drain drop edit eject eliminate empty enable enlarge ensure enter enqueue erase
    escalate establish evaluate evict examine execute expand expire explain explore export extend extract
    failover fetch fill filter find finish fix flush follow force freeze generate get give go grant grep
    grow halt handle have hand identify import improve increase inform initialize inject insert inspect install
    investigate invoke isolate issue join keep kill know launch leave let list locate login log-in
    look lower maintain make manage manually mark measure merge migrate mitigate modify mount move navigate  notify obtain
    observe open opt optimise optimize  pause perform permit pick place prepare press prevent proceed profile promote
    propose prove provide provision prune pull purge push put quarantine query raise re-run re-create re-deploy re-enable read readd reboot
    rebalance rebuild recall reclaim reconcile reconfigure reconnect recover recreate recycle redeploy redirect reduce
    refer reindex reinit reinstall reinstate rejoin release reload relocate remind remove rename renew reopen
    repair repeat replace replay replicate report reproduce request requeue rerun rescale reschedule reset resize resolve
    respond restart restore resume resync retain retrieve retry return revert review revoke rewrite roll rotate run save
    say scan schedule scroll search see seek select send set shorten show shrink shut sign silence simulate skip
     sort specify split spot ssh start stop store submit subscribe substitute suspend switch sync
    synchronise synchronize take tell terminate test throttle tail toggle train transfer trigger troubleshoot treat truncate try
    tune turn type unblock uncordon undo uninstall unlock unmount unpause unset unsubscribe update upgrade
    abort alias allocate alter archive assert audit authorise authorize bind bootstrap bounce brief calibrate capture carry chmod clamp clip
    collapse compile compress configure consolidate correlate curl customise customize decrypt deny dedupe defer defragment defrost delegate demote detect dial disarm dismiss
    dismount elect embed encrypt enforce enrol enroll estimate evacuate exclude exempt expose fasten federate fence finalise finalize flip
    fork forward free gather grab guarantee guide hang hide hoist ignore impersonate include incorporate initialise initiate interrupt inventory jump knock lay leave lend
    lengthen lift loosen minimise minimize mute nominate nudge offload omit onboard operate override overwrite paste pin populate power-cycle practise preserve preview probe
    publish quiesce quit reach rearrange refill refresh regenerate reject relaunch relax remediate remember remount render reorder replenish research reseat reserve retire reuse revise rewind
    rinse sanitise scp scrape scrub secure shake shelter shutdown slide solve spin stagger stick suppress swipe take-over tell thaw tighten taint tape tear telnet tie translate transmit trim unassign unload unmute
    unpack unplug unregister unscrew unseal untaint untar unzip utilise utilize ventilate verify vet walk warn wash weigh whitelist allowlist wrap zip photograph evacuate empty drive keep wear greet press pour
    upload use vacuum validate verify view visit wait watch widen wipe withdraw work write zoom mirror
    """.split()  # noqa: SIM905 - a list of names reads best as names
)
NOUNS_TOO = frozenset(
    """
    cache clamp commit count cool dial flag host index link message pipe plan power print process pump ring sample seal stick tape vent warm phone mail e-mail email
    text pair peer poll probe purge reboot reply round scan script screw sleep slide spray store touch trust tunnel vote zero tag type value wave
    access alert attempt back backup balance block boot break build bypass cap change charge check copy cut debug default delay
    dispatch display dump end exit file force format group guard hold input label limit link load lock log map monitor name note
    note output page park patch ping plan plug point post process protect query rate recheck record register request rest result
    route scale share ship sign size snapshot stage stash step strip stub support swap tag target trace track
    unlock upgrade address set start stop release update test request report list search view work filter return place 
    profile schedule switch issue restart transfer show store split try move increase decrease drop turn use run call
    """.split()  # noqa: SIM905 - a list of names reads best as names
)
PARTICLES = re.compile(
    r"(?:is|are|was|were|has|had|have|will|can|may|might|must|should|shall|does|did|fails?|of|means|happens|occurs|comes|runs"
    r"|goes|shows|succeeds?|returns?|takes|works|gets|needs|says|contains|become\w*|exceeds?|ran|failed|and\s+\w+\s+(?:is|are))\b"
)
GERUNDS = re.compile(
    r"(?:adding|scaling|restarting|increasing|reducing|deleting|removing|checking|upgrading|rolling|replacing|moving|changing"
    r"|lowering|raising|cleaning|enabling|disabling|draining|rebooting|killing|redeploying|tuning|adjusting|freeing|resizing)\b",
    re.IGNORECASE,
)

# What a section is called, by its first fitting line. A section without a kind is read like a procedure.
SECTIONS: list[tuple[str, re.Pattern[str]]] = [
    (kind, re.compile(rf"(?:{pattern})", re.IGNORECASE))
    for kind, pattern in [
        ("expected", r"expected (?:afterwards|results?|outcome|output)$"),
        ("prerequisite", r"pre-?\s?requisites?\b|requirements?$|before (?:you|we) (?:start|begin|go)|before starting|pre-?conditions?\b"
                         r"|what you(?:'ll| will)? need|you (?:will )?need$|needed$|you need first|required (?:access|tools|permissions)"),
        ("verification", r"(?:how to )?(?:verif(?:y|ying|ication)|validat(?:e|ion|ing))\b(?!.*\bcertificate)|done when|it is done when|success criteria|check that it worked"
                         r"|confirm(?:ing)? (?:the )?(?:fix|recovery|success)|how (?:do|to) (?:you |we |i )?(?:know|see|tell)\b.*(?:work|done|fixed|over)|post-?checks?$"
                         r"|(?:has|did) it (?:worked|work)|it worked (?:when|if)|acceptance$|after (?:the )?(?:repair|change|fix)$"),
        ("rollback", r"(?:how to )?roll(?:ing)?[ -]?back\b|(?:how to )?undo(?:ing)?\b|revert(?:ing)?\b|back(?:ing)?[ -]?out\b|going back|the way back|way back"
                     r"|clean(?:ing)?[ -]?up\b|put(?:ting)? it back|abort(?:ing)?$|if it goes wrong"),
        ("escalation", r"escalat\w+|contacts?\b|who (?:to|helps|can|else|is|do|knows)\b|whom\b|on[ -]call$|getting help|get help|(?:need )?help$|support$|call list|people$|phone"),
        ("background", r"meaning|impact|causes?$|likely causes?|possible causes?|root causes?|descriptions?$|background|overview|introduction|about\b|context$|what (?:it|this|that) "
                       r"(?:means|is|does)|what (?:does|is)\b.*|why\b.*|how it works|how .* works?$|summary$|references?$|further reading|see also|related|links?$|(?:table of )?contents?$|resources$|"
                       r"additional (?:resources|information)|more information|symptoms?$|problem(?: description| statement)?$|severity|glossary|definitions?$|change ?log|history$|alerts?:|"
                       r"limitations?$|architecture$|timeline|false positives?$|known issues$|what happens"),
    ]
]  # fmt: skip
CALLING = re.compile(
    r"\b(?:ask|tell|call|page|paging|contact|notify|inform|escalate(?: it| this)? to|write(?: an? \w+)? to|reach(?: out to)?|ring|phone|"
    r"speak (?:to|with)|talk to|message|alert|e-?mail|ping|open a (?:case|ticket)(?: with| in)?|raise (?:it|this|a \w+) (?:with|in|to)|"
    r"hand(?: it)? over to|get|fetch|wake(?: up)?|involve|consult|report (?:it )?(?:to|in)|post (?:it |this )?(?:in|to)|"
    r"announce(?: it)? in|say so in|say it in|help from|with)\b",
    re.IGNORECASE,
)
