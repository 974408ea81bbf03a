ui-skip = Skip to the content
ui-menu = Menu
ui-crumbs = Where you are
ui-scan = Scan box
ui-scan-hint = Scan a label or type a number
ui-scan-open = Open
ui-account = My account
ui-sign-in = Sign in
ui-sign-out = Sign out
ui-time-zone = Times are Beijing time (UTC+8)
ui-choose = Please choose
ui-required = Required
ui-problems = Please correct the following
ui-yes = Yes
ui-no = No
ui-not-applicable = Not applicable
ui-pages = Pages
ui-previous = Previous
ui-next = Next

home-title = My work
home-nothing = Nothing is waiting for you

problem-because = Not done, because
problem-reference = Please tell the administrator this number:
problem-home = Back to the start

language-zh-CN = 中文
language-en = English
ui-conflict-now = Stands there now
ui-conflict-yours = You entered
field-sample-no = Sample number
field-value = Value
filter-all = All
