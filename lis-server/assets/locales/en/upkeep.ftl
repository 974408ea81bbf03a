menu-upkeep = Upkeep
work-upkeep = Checks, backups or clock that failed
upkeep-title = Upkeep
upkeep-text = What the program checks by itself every night: stored files and instruments’ messages against their hashes, the log, the backup; and the server’s clock all day. A failure stays here until somebody records what was done.
upkeep-off = This server runs no checks by itself
upkeep-off-advice = LIS_UPKEEP_HOUR is “off”. Another server on the same database may do it; one of them should.
upkeep-no-backup = No backups are made by this server
upkeep-no-backup-advice = Set LIS_BACKUP_TO to a folder on another disk, or back up by other means and rehearse bringing it back.
upkeep-clock-doubt = Computers beside instruments are ahead of the server by { $seconds } s
upkeep-clock-doubt-advice = So few are heard that it may be their own clocks. Compare the server’s clock with a time source, or set LIS_TIME_SOURCE so that the server does.
upkeep-clock-alone = The server’s clock is not compared with a time source
upkeep-clock-alone-advice = Set LIS_TIME_SOURCE to a time server that it can reach: it is asked every minute, and a difference waits here.
upkeep-what = Check
upkeep-began = Started
upkeep-at = Done at
upkeep-count = Items checked
upkeep-outcome = Outcome
upkeep-good = all right
upkeep-open = waits for an action
upkeep-settled = settled
upkeep-none = Nothing has been checked yet
upkeep-kind-files = Files and messages
upkeep-kind-log = The log
upkeep-kind-backup = Backup
upkeep-kind-clock = Clock of the server
upkeep-findings = Found
upkeep-found-file-missing = Missing: { $about }
upkeep-found-file-damaged = Changed on the disk: { $about }
upkeep-found-message-damaged = Message of an instrument changed: number { $about }
upkeep-found-log-root = Root of the log: { $about }
upkeep-found-log-damaged = The log is damaged: { $about }
upkeep-found-table-differs = A table was changed behind the program: { $about }
upkeep-found-root-sent = Root sent to { $about }
upkeep-found-backup-made = Written to { $about }
upkeep-found-backup-manifest = SHA-256 of its manifest: { $about }
upkeep-found-clock-source = The time source is ahead of the server by { $about } s
upkeep-found-clock-source-silent = The time source has not answered for an hour: { $about }
upkeep-found-clock-database = The database’s clock is ahead of the server’s by { $about } s
upkeep-found-clock-agents = Most computers beside instruments are ahead of the server by { $about } s
upkeep-found-broken = It could not be done: { $about }
upkeep-actions = What was done
upkeep-act = Record what was done
upkeep-immediate = Immediate action
upkeep-immediate-hint = For example: the file restored from the backup of the day before, the clock set
upkeep-corrective = Corrective action
upkeep-corrective-hint = What keeps it from happening again; may follow later
upkeep-by = By
upkeep-keep = Save
done-upkeep-action = What was done is kept
problem-upkeep-run-good = Nothing was wrong in this look; there is nothing to be done about it.
problem-upkeep-run-good-title = Nothing was wrong
mail-log-root-subject = { $laboratory }: root of the log of { $day }
mail-log-root-body =
    Evidence of { $laboratory }, made by its server.

    Log: { $log }
    Root: { $position }:{ $chain }

    This root fixes every record and every report of the laboratory up to this position. Keep this mail. Whether the log still passes it is shown by:
    lis-server audit verify --root { $position }:{ $chain }
