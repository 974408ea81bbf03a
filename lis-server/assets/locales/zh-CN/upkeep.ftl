menu-upkeep = 数据维护
work-upkeep = 失败的核查、备份或时钟比对
upkeep-title = 数据维护
upkeep-text = 程序每夜自行核查：存档文件和仪器数据与其哈希值是否一致、日志链是否完整、备份是否完成；服务器时钟全天比对。发现的问题留在此处，直到有人记录所采取的措施。
upkeep-off = 本服务器不自行核查
upkeep-off-advice = LIS_UPKEEP_HOUR 为“off”。可由使用同一数据库的另一台服务器核查，但至少应有一台。
upkeep-no-backup = 本服务器不做备份
upkeep-no-backup-advice = 将 LIS_BACKUP_TO 设为另一块磁盘上的目录；或用其他方式备份，并演练恢复。
upkeep-clock-doubt = 仪器旁计算机比服务器快 { $seconds } 秒
upkeep-clock-doubt-advice = 可比较的计算机不足三台，也可能是其自身时钟有误。请将服务器时钟与时间源核对，或设置 LIS_TIME_SOURCE 由服务器自行比对。
upkeep-clock-alone = 服务器时钟没有比对对象
upkeep-clock-alone-advice = 请将 LIS_TIME_SOURCE 设为服务器可以访问的时间服务器：每分钟比对一次，超差时在此处提示。
upkeep-what = 核查内容
upkeep-began = 开始
upkeep-at = 完成时间
upkeep-count = 核查数量
upkeep-outcome = 结论
upkeep-good = 正常
upkeep-open = 待采取措施
upkeep-settled = 已处理
upkeep-none = 尚未核查
upkeep-kind-files = 文件和仪器数据
upkeep-kind-log = 日志
upkeep-kind-backup = 备份
upkeep-kind-clock = 服务器时钟
upkeep-findings = 核查发现
upkeep-found-file-missing = 文件缺失：{ $about }
upkeep-found-file-damaged = 文件在磁盘上被改动：{ $about }
upkeep-found-message-damaged = 仪器数据被改动，编号 { $about }
upkeep-found-log-root = 日志根值：{ $about }
upkeep-found-log-damaged = 日志受损：{ $about }
upkeep-found-table-differs = 数据表被绕过程序改动：{ $about }
upkeep-found-root-sent = 根值已发往 { $about }
upkeep-found-backup-made = 已写入 { $about }
upkeep-found-backup-manifest = 清单的 SHA-256：{ $about }
upkeep-found-clock-source = 时间源比服务器快 { $about } 秒
upkeep-found-clock-source-silent = 时间源已一小时没有应答：{ $about }
upkeep-found-clock-database = 数据库时钟比服务器快 { $about } 秒
upkeep-found-clock-agents = 多数仪器旁计算机比服务器快 { $about } 秒
upkeep-found-broken = 未能完成：{ $about }
upkeep-actions = 采取的措施
upkeep-act = 记录措施
upkeep-immediate = 应急措施
upkeep-immediate-hint = 例如：已从前一日备份恢复该文件，已校准时钟
upkeep-corrective = 纠正措施
upkeep-corrective-hint = 如何防止再次发生；可以以后补记
upkeep-by = 记录人
upkeep-keep = 保存
done-upkeep-action = 措施已记录
problem-upkeep-run-good = 这次核查没有发现问题，无需采取措施。
problem-upkeep-run-good-title = 没有发现问题
mail-log-root-subject = { $laboratory }：{ $day } 日志根值
mail-log-root-body =
    { $laboratory }的存证，由其服务器自动生成。

    日志：{ $log }
    根值：{ $position }:{ $chain }

    该根值固定了实验室截至该位置的全部记录和报告，请妥善保存本邮件。日志此后是否仍与之一致，可用下列命令核验：
    lis-server audit verify --root { $position }:{ $chain }
