ui-skip = 跳到正文
ui-menu = 菜单
ui-crumbs = 所在位置
ui-scan = 扫码框
ui-scan-hint = 扫描标签或输入编号
ui-scan-open = 打开
ui-account = 我的账户
ui-sign-in = 登录
ui-sign-out = 退出
ui-time-zone = 时间为北京时间（UTC+8）
ui-choose = 请选择
ui-required = 必填
ui-problems = 请更正以下内容
ui-yes = 符合
ui-no = 不符合
ui-not-applicable = 不适用
ui-pages = 翻页
ui-previous = 上一页
ui-next = 下一页

home-title = 我的工作
home-nothing = 目前没有待办事项

problem-because = 未能完成，原因如下
problem-reference = 请把这个编号告诉系统管理员：
problem-home = 回到首页

language-zh-CN = 中文
language-en = English
ui-conflict-now = 现在的内容
ui-conflict-yours = 您填写的内容
field-sample-no = 样品编号
field-value = 数值
filter-all = 全部
