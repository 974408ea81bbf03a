menu-reports = Reports
menu-portal = My samples and reports
menu-ordered-reports = Reports on ordered samples
reports-title = Test reports
reports-none = No reports here.
numbers-title = Report numbers
numbers-text = No number is lost silently: numbers given that have no report, and reports that are no longer in force.
numbers-year = Year
numbers-series = Series
numbers-last = Last number
numbers-given = Given
numbers-missing = Without a report
numbers-none-missing = none
numbers-none = No number was given in this year.
numbers-void = Replaced and withdrawn
numbers-void-none = Every report of this year is in force.
numbers-replaced-by = Replaced by
numbers-reason = Reason
reports-shown = { $count ->
    [one] { $count } report
   *[other] { $count } reports
}
report-compiling = Compiling
report-reviewed = Reviewed
report-authorized = Authorized
report-issued = Issued
report-amended = Being amended
report-replaced = Replaced
report-withdrawn = Withdrawn (recalled)
report-pdf = Download PDF
report-verify = Verify
report-amends = Amends and replaces { $number }
report-amended-by = Amended by { $number }
report-sample = Sample
report-typed-late = Typed late
report-typed-late-text = These values were typed long after they were made; each with its reason.
report-made-at = Made
report-typed-by = Typed by
report-items = Items
report-no-items = No items.
report-no-reasoning = No record of a judgement.
report-evidence = Raw data
report-signatures = Signatures
report-item-checked = Checked
report-item-open = Not checked
report-item-qc-held = held by quality control
report-item-on-hold = held by non-conforming work { $work }
report-cannot-sign = It cannot be signed now:
report-review = Review
report-authorize = Authorize
report-send-back = Send back
report-return-item = Return an item to its tester
report-return-item-text = It is tested and checked again; its results stay readable. The report waits.
report-withdraw = Withdraw the report
report-withdraw-means = A withdrawn report does not come back. Clients and authorities are told, and the verification page says so.
report-conclusion-pass = Conforming
report-conclusion-fail = Non-conforming
report-conclusion-not-judged = Results only
report-conclusion-review = No conclusion yet
report-verdict-pass = Conforming
report-verdict-fail = Non-conforming
report-verdict-no-limit = Not judged
report-verdict-review = To be reviewed
report-verdict-block = Method not suitable
report-verdict-incomplete = Incomplete
report-limit-not-detectable = Not detectable
report-limit-not-permitted = Not permitted
report-label-claim = label claim { $claim }
report-basis-label = the product's label
report-failed-claim = { $item } (as labelled)
report-limit-gmp = Good manufacturing practice
report-type-supervision = Supervision sampling
report-type-campaign = Supervision sampling (you order, we test)
report-type-entrusted = Entrusted test
report-type-rapid-test = Confirmation of a rapid test
report-departure = At receipt: { $departure }. The client knew of it and wanted the test ({ $consent }); it may have affected the results, which speak for the sample as received.
report-departure-accepted = At receipt: { $departure }. The sample was accepted all the same; it may have affected the results.
report-type-risk-monitoring = Risk monitoring
report-method-deviation = { $item }: { $description } ({ $justification }), accepted by the client on { $date }
report-uncertainty = ±{ $expanded } (k={ $k })
report-decision-rule-guarded = Guard bands of the expanded uncertainty (ILAC-G8:09/2019); a value within them is decided by a person
report-decision-rule-simple = (no uncertainty is stated by the laboratory that tested { $items }: simple acceptance, without guard band)
report-decision-rule = Comparison by full value, without measurement uncertainty
report-decision-rule-rounded = Comparison by rounded value, without measurement uncertainty
report-decision-rule-both = Comparison by full value: { $full }; by rounded value: { $rounded }; without measurement uncertainty
report-decided = Decided by { $by }: { $verdict }. Basis: { $basis }. Reason: { $reason }
report-conclusion-pass-sampled = The sampled goods were tested; the items tested meet { $basis }.
report-conclusion-fail-sampled = The sampled goods were tested; { $items } do not meet { $basis }. Conclusion: non-conforming.
report-conclusion-pass-submitted = The submitted sample was tested; the items tested meet { $basis }.
report-conclusion-fail-submitted = The submitted sample was tested; { $items } do not meet { $basis }. Conclusion: non-conforming.
report-conclusion-pass-monitored = Results only.
report-conclusion-fail-monitored = { $items } do not meet { $basis }: problem sample.
report-change = { $item }: { $old } changed to { $new }
field-report-no = Report number
field-sample-name = Sample
field-batch-no = Batch
report-see-amended = See the amended report
report-deliveries = Sent to
field-production-date = Production date
field-form-no = Form number
field-client = Client
field-sampled-unit = Sampled unit
field-producer = Labelled maker
field-conclusion = Conclusion
field-authorized-at = Authorized
field-issued-at = Issued
field-item = Item
field-requirement = Requirement
field-result = Result
field-verdict = Verdict
field-method = Method
field-tested-by = Tested by
field-checked-by = checked by
field-origin = Origin
field-reason = Reason
done-report-reviewed = Reviewed
done-report-authorized = Authorized; the file is being made
done-report-sent-back = Sent back to the reviewer
done-item-returned = The item is returned to its tester
done-report-withdrawn = The report is withdrawn
expected-report-state = a code of a report's state
verify-title = Verify a test report
verify-code = Verification code
verify-code-hint = Printed on the report, for example 8F3K-7Q2M-X4RT
verify-button = Verify
verify-again = Enter another code
verify-valid = The report is valid
verify-valid-text = This laboratory issued the report; it is in force.
verify-amended = The report is being amended
verify-amended-text = This laboratory issued the report. It needs to be amended; a new report will replace it.
verify-replaced = The report is replaced
verify-replaced-text = A new report has taken its place; this one is no longer in force.
verify-withdrawn = The report is recalled
verify-withdrawn-text = This laboratory has withdrawn the report and recalled it. Do not rely on it any more.
verify-unknown = No such report
verify-unknown-text = This laboratory issued no report with this code. Check what was typed.
verify-successor = See { $number }, which replaces it
verify-same = The file is the very one that was issued
verify-other = The file is not the one that was issued
verify-other-advice = It may have been changed, saved again, or belong to another report. Ask the laboratory for the original.
verify-compare = Compare a file
verify-file = PDF file
verify-file-hint = Choose or drop it here, at most 20 MB; it is only hashed, not kept
mail-report-issued-subject = Test report { $number } is issued
mail-report-replaced-subject = Test report { $old } is replaced by { $number }
ordered-title = Reports on ordered samples
ordered-text = Every report on a sample that your authority, or one below it, had taken, as soon as it is issued. Failing ones are cases as well.
ordered-none = No reports yet.
portal-title = My samples and reports
portal-text = The progress of entrusted samples; reports after issue, of supervision sampling after service.
portal-reports = Reports
portal-samples = Entrusted samples
portal-no-reports = No reports yet.
portal-no-samples = No entrusted samples yet.
portal-progress = Progress
portal-due = Report due
portal-provisional = (provisional)
portal-sample-draft = Draft
portal-sample-sealed = To be delivered
portal-sample-arrived = Arrived
portal-sample-accepted = Accepted
portal-sample-rejected = Rejected
portal-sample-testing = Being tested
portal-sample-closed = Reported
portal-sample-withdrawn = Withdrawn
mail-report-issued-body =
    Dear Sir or Madam,

    test report { $number } of your sample “{ $sample }” (batch { $batch }) is issued; it is attached.

    Verify it: { $link }

    { $laboratory }
mail-report-recalled-subject = Test report { $number } is recalled
mail-report-recalled-body =
    Dear Sir or Madam,

    test report { $number } of the sample “{ $sample }” (batch { $batch }) is recalled. Please do not rely on it any more.

    Reason: { $reason }

    Verify it: { $link }

    { $laboratory }
mail-report-replaced-body =
    Dear Sir or Madam,

    test report { $old } of the sample “{ $sample }” (batch { $batch }) is replaced by { $number }, which is attached. The old report is no longer in force.

    Reason: { $reason }

    Verify it: { $link }

    { $laboratory }
problem-report-wrong-state = Report { $number } is { $state }; { $means }.
report-not-now = this step is not possible now
report-not-reviewed = it has not been reviewed yet
problem-report-wrong-state-title = Not possible in this state
problem-report-empty = The sample has no items.
problem-report-empty-title = No items
problem-reviewer-tested = You tested, corrected or decided items of this report: { $items_en }. A reviewer has had a hand in none of them.
problem-reviewer-tested-title = Own work
problem-items-not-checked = Items not checked yet: { $items_en }.
problem-items-not-checked-title = Not checked
problem-items-held-by-qc = Items held by a failed control: { $items_en }.
problem-items-held-by-qc-title = Held by quality control
problem-items-on-hold = Items held by non-conforming work { $works }: { $items_en }.
problem-items-on-hold-title = Held by non-conforming work
problem-items-on-hold-advice = The quality officer evaluates them; an affected item is free with a new result.
problem-signatory-reviewed = You reviewed this report; somebody else must authorize it.
problem-signatory-reviewed-title = Reviewer and signatory are two people
problem-signatory-tested = You tested, corrected or decided items of this report: { $items_en }. A signatory has had a hand in none of them.
problem-signatory-tested-title = Own work
problem-outside-signatory-field = Items outside your field as a signatory today: { $items_en }.
problem-outside-signatory-field-title = Outside the authorized field
problem-verdict-open = Items without a verdict (to be reviewed, method not suitable or incomplete): { $items_en }.
problem-verdict-open-title = No verdict yet
problem-report-changed-since-review = The content changed after it was reviewed; send it back to be reviewed again.
problem-report-changed-since-review-title = Changed since the review
problem-report-exists = The sample has the issued report { $number }; amending it needs a reason.
problem-report-exists-title = Report exists
problem-report-not-the-newest = Only the newest report { $number } can be amended.
problem-report-not-the-newest-title = Not the newest report
problem-report-no-number = No report number can be made for the sample { $sample } ({ $type }).
problem-report-no-number-title = No number
problem-verify-file-too-large = The file has more than { $most } MB.
problem-verify-file-too-large-title = File too large
problem-verify-file-missing = Choose a file.
problem-verify-file-missing-title = No file
work-new-reports = Reports issued in the last 30 days
entity-report = Test report
report-event-review = review
report-event-return-item = an item is returned to its tester
report-event-send-back = send back to the reviewer
report-event-authorize = authorize
report-event-stop = stopped before it is issued, because something stands against an item
report-event-issue = issue
report-event-open-amendment = open an amendment
report-event-replace = replaced by its amendment
report-event-withdraw = withdraw
report-item-subcontracted = subcontracted to { $name }
report-item-subcontract-report = The other laboratory's report
report-item-outside-scope = outside the accredited scope
report-warnings = It can be signed with a reason:
opinion-title = Opinions and interpretations
opinion-text = Printed on the report as opinion, not as a result. Empty: the report bears none.
opinion-basis = Basis
opinion-basis-hint = Kept with the report, not printed
opinion-by = Given by
opinion-give = Save the opinion
done-opinion-given = The opinion is saved
report-confirmed = Warnings confirmed at signing
report-confirmation = Reason to go on
problem-items-outside-scope = Items outside the accredited scope today: { $items_en }.
problem-items-outside-scope-title = Outside the accredited scope
