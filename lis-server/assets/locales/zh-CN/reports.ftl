menu-reports = 检验报告
menu-portal = 我的样品与报告
menu-ordered-reports = 任务报告
reports-title = 检验报告
reports-none = 没有符合条件的报告。
numbers-title = 报告编号
numbers-text = 编号不留隐藏空号：列出已取号但无报告的编号，以及不再有效的报告。
numbers-year = 年度
numbers-series = 编号系列
numbers-last = 最后编号
numbers-given = 已取号数
numbers-missing = 无报告的编号
numbers-none-missing = 无
numbers-none = 本年度未取号。
numbers-void = 被替代和已收回的报告
numbers-void-none = 本年度报告均有效。
numbers-replaced-by = 替代报告
numbers-reason = 原因
reports-shown = 共 { $count } 份报告
report-compiling = 编制中
report-reviewed = 已审核
report-authorized = 已批准
report-issued = 已签发
report-amended = 更改中
report-replaced = 已被替代
report-withdrawn = 已作废
report-pdf = 下载 PDF
report-verify = 验证
report-amends = 更改报告，替代 { $number }
report-amended-by = 更改报告：{ $number }
report-sample = 样品
report-typed-late = 补录数据
report-typed-late-text = 以下数据在观测后较久才录入，各附原因。
report-made-at = 观测时间
report-typed-by = 录入人
report-items = 检验项目
report-no-items = 没有检验项目。
report-no-reasoning = 没有判定记录。
report-evidence = 原始数据
report-signatures = 签名
report-item-checked = 已校核
report-item-open = 未校核
report-item-qc-held = 质控未通过
report-item-on-hold = 因不符合工作 { $work } 暂停
report-cannot-sign = 现在不能签名：
report-review = 审核通过
report-authorize = 批准
report-send-back = 退回审核
report-return-item = 退回项目给检验人
report-return-item-text = 该项目将重新检验和校核，原有结果仍可查阅；报告等待其完成。
report-withdraw = 作废报告
report-withdraw-means = 作废后不能恢复；客户和有关监管部门会收到通知，查验页面显示已作废。
report-conclusion-pass = 合格
report-conclusion-fail = 不合格
report-conclusion-not-judged = 仅提供数据
report-conclusion-review = 尚无结论
report-verdict-pass = 合格
report-verdict-fail = 不合格
report-verdict-no-limit = 不判定
report-verdict-review = 待复核
report-verdict-block = 方法不适用
report-verdict-incomplete = 未完成
report-limit-not-detectable = 不得检出
report-limit-not-permitted = 不得使用
report-label-claim = 明示值 { $claim }
report-basis-label = 产品明示值
report-failed-claim = { $item }（明示值）
report-limit-gmp = 按生产需要适量使用
report-type-supervision = 监督抽检
report-type-campaign = 监督抽检（你点我检）
report-type-entrusted = 委托检验
report-type-rapid-test = 快检确证
report-departure = 样品接收时：{ $departure }。委托方知悉并同意继续检验（{ $consent }）；该情况可能影响检验结果，结果仅对来样负责。
report-departure-accepted = 样品接收时：{ $departure }。样品仍予接收；该情况可能影响检验结果。
report-type-risk-monitoring = 风险监测
report-method-deviation = { $item }：{ $description }（{ $justification }），委托方于 { $date } 同意
report-uncertainty = ±{ $expanded }（k={ $k }）
report-decision-rule-guarded = 按扩展不确定度设保护带判定（ILAC-G8:09/2019），落在保护带内的结果由授权人员判定
report-decision-rule-simple = （{ $items } 的分包检验机构未给出不确定度，按简单接受判定，不设保护带）
report-decision-rule = 全数值比较法，不考虑测量不确定度
report-decision-rule-rounded = 修约值比较法，不考虑测量不确定度
report-decision-rule-both = 全数值比较法：{ $full }；修约值比较法：{ $rounded }；不考虑测量不确定度
report-decided = 经{ $by }判定：{ $verdict }。依据：{ $basis }。理由：{ $reason }
report-conclusion-pass-sampled = 经抽样检验，所检项目符合 { $basis } 要求。
report-conclusion-fail-sampled = 经抽样检验，{ $items } 项目不符合 { $basis } 要求，检验结论为不合格。
report-conclusion-pass-submitted = 经检验，来样所检项目符合 { $basis } 要求。
report-conclusion-fail-submitted = 经检验，来样 { $items } 项目不符合 { $basis } 要求，检验结论为不合格。
report-conclusion-pass-monitored = 仅提供检验数据。
report-conclusion-fail-monitored = { $items } 项目不符合 { $basis } 要求，为问题样品。
report-change = { $item }：由 { $old } 更改为 { $new }
field-report-no = 报告编号
field-sample-name = 样品名称
field-batch-no = 批号
report-see-amended = 查看更改报告
report-deliveries = 发送记录
field-production-date = 生产日期
field-form-no = 抽样单/委托单编号
field-client = 委托单位
field-sampled-unit = 被抽样单位
field-producer = 标称生产者
field-conclusion = 结论
field-authorized-at = 批准时间
field-issued-at = 签发时间
field-item = 项目
field-requirement = 技术要求
field-result = 实测值
field-verdict = 单项判定
field-method = 检验依据
field-tested-by = 检验人
field-checked-by = 校核
field-origin = 来源
field-reason = 理由
done-report-reviewed = 已审核
done-report-authorized = 已批准，正在生成文件
done-report-sent-back = 已退回审核
done-item-returned = 项目已退回检验人
done-report-withdrawn = 报告已作废
expected-report-state = 报告状态代码
verify-title = 验证检验报告
verify-code = 验证码
verify-code-hint = 印在报告上，例如 8F3K-7Q2M-X4RT
verify-button = 验证
verify-again = 输入其他验证码
verify-valid = 报告有效
verify-valid-text = 本报告由本机构签发，现行有效。
verify-amended = 报告正在更改
verify-amended-text = 本报告由本机构签发；发现需要更改，新报告签发后将替代本报告。
verify-replaced = 报告已被替代
verify-replaced-text = 本报告已被新报告替代，不再有效。
verify-withdrawn = 报告已收回作废
verify-withdrawn-text = 本机构已收回并作废本报告，请勿再使用。
verify-unknown = 没有这份报告
verify-unknown-text = 本机构没有签发过带此验证码的报告。请核对验证码。
verify-successor = 查看替代报告 { $number }
verify-same = 文件与本机构签发的完全一致
verify-other = 文件与本机构签发的不一致
verify-other-advice = 文件可能被改动、重新保存或属于另一份报告。请向本机构索取原件。
verify-compare = 比对文件
verify-file = PDF 文件
verify-file-hint = 选择或拖入文件，最大 20 MB；只计算哈希值，不保存
mail-report-issued-subject = 检验报告 { $number } 已签发
mail-report-replaced-subject = 检验报告 { $old } 已由 { $number } 替代
ordered-title = 本级及下级下达任务的检验报告
ordered-text = 本级或下级部门下达抽样任务的样品，报告一经签发即在此列出；不合格的另见不合格结果。
ordered-none = 还没有报告。
portal-title = 我的样品与报告
portal-text = 委托样品的进度；报告签发后（监督抽检送达后）可见。
portal-reports = 报告
portal-samples = 委托样品
portal-no-reports = 还没有报告。
portal-no-samples = 还没有委托样品。
portal-progress = 进度
portal-due = 报告期限
portal-provisional = （暂定）
portal-sample-draft = 草稿
portal-sample-sealed = 待送达
portal-sample-arrived = 已到样
portal-sample-accepted = 已接收
portal-sample-rejected = 已拒收
portal-sample-testing = 检验中
portal-sample-closed = 已出报告
portal-sample-withdrawn = 已撤回
mail-report-issued-body =
    您好：

    贵单位样品“{ $sample }”（批号 { $batch }）的检验报告 { $number } 已签发，见附件。

    验证报告：{ $link }

    { $laboratory }
mail-report-recalled-subject = 检验报告 { $number } 已收回
mail-report-recalled-body =
    您好：

    样品“{ $sample }”（批号 { $batch }）的检验报告 { $number } 已收回，请勿再使用。

    原因：{ $reason }

    查验：{ $link }

    { $laboratory }
mail-report-replaced-body =
    您好：

    样品“{ $sample }”（批号 { $batch }）的检验报告 { $old } 已由 { $number } 替代，新报告见附件。原报告不再有效。

    更改理由：{ $reason }

    验证报告：{ $link }

    { $laboratory }
problem-report-wrong-state = 报告 { $number } 的状态为“{ $state }”，{ $means }。
report-not-now = 不能进行此操作
report-not-reviewed = 尚未审核
problem-report-wrong-state-title = 状态不允许
problem-report-empty = 样品没有检验项目。
problem-report-empty-title = 没有项目
problem-reviewer-tested = 您检验、更正或判定了其中的项目：{ $items_zh }。审核人不得参与报告中任何项目的检验、更正和判定。
problem-reviewer-tested-title = 不能审核自己的检验
problem-items-not-checked = 尚未校核的项目：{ $items_zh }。
problem-items-not-checked-title = 未完成校核
problem-items-held-by-qc = 质控未通过且未放行的项目：{ $items_zh }。
problem-items-held-by-qc-title = 质控未通过
problem-items-on-hold = 因不符合工作 { $works } 暂停的项目：{ $items_zh }。
problem-items-on-hold-title = 不符合工作暂停
problem-items-on-hold-advice = 由质量负责人评价；受影响的项目有新结果后解除暂停。
problem-signatory-reviewed = 您审核了本报告，批准须由另一人进行。
problem-signatory-reviewed-title = 审核人不得批准
problem-signatory-tested = 您检验、更正或判定了其中的项目：{ $items_zh }。批准人不得参与报告中任何项目的检验、更正和判定。
problem-signatory-tested-title = 不能批准自己的检验
problem-outside-signatory-field = 今天不在您授权签字领域内的项目：{ $items_zh }。
problem-outside-signatory-field-title = 超出授权领域
problem-verdict-open = 尚无判定的项目（待复核、方法不适用或未完成）：{ $items_zh }。
problem-verdict-open-title = 尚无判定
problem-report-changed-since-review = 审核之后内容有变化，请退回重新审核。
problem-report-changed-since-review-title = 审核后有变化
problem-report-exists = 样品已有签发的报告 { $number }；更改须说明理由。
problem-report-exists-title = 已有报告
problem-report-not-the-newest = 只能更改最新的报告 { $number }。
problem-report-not-the-newest-title = 不是最新报告
problem-report-no-number = 样品 { $sample }（{ $type }）无法编制报告编号。
problem-report-no-number-title = 无法编号
problem-verify-file-too-large = 文件超过 { $most } MB。
problem-verify-file-too-large-title = 文件过大
problem-verify-file-missing = 请选择一个文件。
problem-verify-file-missing-title = 没有文件
work-new-reports = 近 30 天签发的报告
entity-report = 检验报告
report-event-review = 审核
report-event-return-item = 项目退回检验人
report-event-send-back = 退回审核
report-event-authorize = 批准
report-event-stop = 签发前发现项目存疑，退回审核
report-event-issue = 签发
report-event-open-amendment = 启动更改
report-event-replace = 由更改报告替代
report-event-withdraw = 作废
report-item-subcontracted = 分包：{ $name }
report-item-subcontract-report = 分包机构报告
report-item-outside-scope = 不在认可范围内
report-warnings = 填写理由后可以签名：
opinion-title = 意见和解释
opinion-text = 在报告上注明为意见和解释，不属于检验结果。空白表示报告不含意见。
opinion-basis = 依据
opinion-basis-hint = 随报告保存，不印在报告上
opinion-by = 提出人
opinion-give = 保存意见
done-opinion-given = 意见已保存
report-confirmed = 签名时确认的警告
report-confirmation = 继续的理由
problem-items-outside-scope = 今天不在认可、资质认定范围内的项目：{ $items_zh }。
problem-items-outside-scope-title = 超出认可范围
