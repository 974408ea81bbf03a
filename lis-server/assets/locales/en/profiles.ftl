profiles-title = Profiles
profiles-text = A profile says how an instrument is read. The laboratory's own are made by pointing at a real export; every version keeps its example.
profiles-new = New profile
profiles-own = The laboratory's own
profiles-any-maker = any maker
profiles-none = No profiles of the laboratory's own yet
profiles-shipped = Shipped with the program
profiles-examples = Run the examples
examples-text = Every example is read again now and compared row by row with what was stored.
field-title = Title
field-maturity = Maturity
field-example = Example
field-rows = Rows
field-made-by = Made by
field-used-by = Used by
field-based-on = Based on
field-role = Role
reading-role-sample = Sample
reading-role-control = Control
reading-role-blank = Blank
reading-role-standard = Standard
reading-role-order = Order
reading-role-query = Query
maturity-draft = Draft
maturity-candidate = Candidate
maturity-proven = Proven
maturity-replaced = Replaced
profile-draft = draft profile
profile-is-draft = Read with { $profile }, which is a draft
profile-is-draft-advice = Nobody has said yet that it reads what the instrument itself prints. Compare the values with the raw bytes and with a printout; when they agree, the technical manager makes the profile a candidate. A shipped profile stays as it is: make one of your own with a file of yours, and change the instrument to that.
entity-profile = Version of a profile
profile-event-promote = trusted more, its example reads as stored
profile-event-supersede = a newer version came, no instrument uses this one
profile-bring-text = Choose or drop a file that the instrument really exported. The program proposes encoding, delimiter, header, sample, analytes, units and decimal mark, and says how sure it is; you correct it by clicking cells.
profile-file = Exported file
profile-start = Begin with
profile-start-hint = Or begin with a shipped profile and change it
profile-start-none = The program's proposal
profile-propose = Read the file
profile-found = { $count ->
    [one] { $count } value found
   *[other] { $count } values found
}
profile-skipped = { $count ->
    [one] { $count } line skipped
   *[other] { $count } lines skipped
}
profile-unmapped = columns not read: { $count }
profile-troubles = { $count ->
    [one] { $count } place cannot be read
   *[other] { $count } places cannot be read
}
profile-unmapped-list = Columns not read:
profile-means = The next cell that is clicked is
profile-means-header = The row of names
profile-means-sample = Sample
profile-means-analyte = Analyte
profile-means-value = Value
profile-means-first-analyte = First analyte column
profile-means-last-analyte = Last analyte column
profile-means-unit = Unit
profile-means-flag = Flag
profile-means-role = Role
profile-means-replicate = Replicate
profile-means-dilution = Dilution
profile-means-completed-at = Time of the result
profile-means-not-read = A column not to be read
profile-means-skip-line = Such lines are no results
profile-means-end-line = The table ends here
profile-markers = Or such a text, where a number would stand, means
profile-means-not-detected = Not detected
profile-means-below-quantification = Below the limit of quantification
profile-means-over-range = Over range
profile-means-under-range = Under range
profile-means-missing = No value
profile-means-invalid = Invalid
profile-means-text = A result in words
profile-sheets = Sheets
profile-sheet = Only this sheet
profile-example-cells = Cells of the example
profile-whole-lines = Each line of this file is one cell, so a column cannot be clicked yet. Where columns stand at fixed places, say above where they begin; or write ruler = true under [[table]] in “The profile's text” where a line of dashes shows it. Then click the columns. What patterns (line, each) or records read is corrected in the text only.
profile-places = Columns at fixed places
profile-places-hint = Click the character at which a column begins; click it again, and it no longer does. With the keyboard: the arrow keys lead from one character to the next, Enter presses it. Columns that were told apart in another way (by a delimiter, by names) have to be clicked anew afterwards.
profile-places-lines = The first lines of the example
profile-cut = Columns begin at
profile-cut-hint = Characters counted from 0, as in 0 14 22; empty: lines are not cut
expected-places = whole numbers with blanks between, as in 0 14 22
profile-more = Only the beginning is shown; the whole file is read.
profile-result = What was read
profile-settings = The whole file
profile-thousands = Thousands separator
profile-empty = An empty result
profile-empty-skip = is skipped
profile-empty-row = is a row
profile-shape = Direction
profile-shape-plain = As the file stands
profile-shape-transposed = Samples stand across: exchange rows and columns
profile-roles = Types of rows
profile-roles-hint = The texts of the column that was clicked as the role, and what a row with each is.
profile-role-sample = Sample
profile-role-control = Control
profile-role-blank = Blank
profile-role-standard = Standard
profile-apply = Apply
profile-findings = What the program found
profile-finding = Finding
profile-choice = Choice
profile-sure = Certainty
profile-why = Why
profile-corrected = Corrected
profile-percent = { $sure } %
profile-text = The profile's text
profile-toml = TOML
profile-toml-hint = Advanced: see “The profile language”; a mistake is named with its place
profile-save-title = Save
profile-save-text = The example and what it reads as stay with the profile as its test. A saved version never changes; a correction is the next version.
profile-name = Name
profile-save = Save this version
profile-next-version = Make the next version
profile-make-candidate = Make it a candidate
profile-make-proven = Make it proven
profile-unused = No instrument uses it yet
profile-rows = { $rows ->
    [one] { $rows } row
   *[other] { $rows } rows
}
profile-example-now = The example now
profile-versions = Other versions
profile-connect = Register an instrument with it
example-same = As it was stored
example-differs = Not as it was stored
example-stored = Stored
example-found = Now
example-troubles = { $count ->
    [one] { $count } place cannot be read
   *[other] { $count } places cannot be read
}
done-profile-saved = The version is saved
done-profile-promoted = The version is trusted more now
expected-profile-name = small letters, digits and underscores, a letter first, no shipped profile's name
expected-profile-meaning = one of the meanings that can be pointed at
expected-cell = ROW:COLUMN
problem-profile-name-taken = There is a profile “{ $name }” already.
problem-profile-name-taken-title = Profile name taken
problem-profile-name-taken-advice = Choose another name; to correct that profile, make its next version.
problem-profile-invalid = This is no profile: { $detail }
problem-profile-invalid-title = Profile not right
problem-profile-reads-nothing = The profile reads no result in its example.
problem-profile-reads-nothing-title = Nothing is read
problem-profile-example-long = The example has { $rows } results; at most { $limit } are kept. Cut the file.
problem-profile-example-long-title = Example too long
problem-profile-correction = This cannot be corrected so: { $detail }
problem-profile-correction-title = Not a possible correction
profile-correction-not-written = the profile's text would no longer be right ({ $why })
profile-correction-key-empty = the key is empty
profile-correction-step-no-table = “{ $step }” in “{ $key }” is no table
profile-correction-key-no-table = “{ $key }” is no table; correct the profile's text
profile-correction-key-no-list = “{ $key }” is no list; correct the profile's text
profile-correction-no-columns = this format has no columns to point at; correct the profile's text
profile-correction-no-lines = only the lines of a text are cut at places
profile-correction-new-header = another header needs a new proposal
profile-correction-not-pointed-at = this cannot be pointed at
profile-correction-cell-empty = the cell is empty
profile-correction-column-empty = no text stands in this column
profile-correction-field-needed = “{ $field }” is read from here: point at another column for it first
profile-correction-values-needed = no column of values would be left: point at another first
profile-correction-no-such-lines = point at a cell with a text by which such lines are known
profile-correction-no-types = { $count } different texts stand in this column: they are no types of rows
profile-correction-no-column-of-types = no column holds the types of the rows: point at one of its cells first
profile-correction-no-sign = point at a cell below the names, with the text that stands where a number would
profile-correction-sign-too-long = the text has { $bytes } bytes: one of more than { $most } is a remark, no sign
profile-correction-unknown-shape = there is no shape “{ $told }”; write { $known }, or nothing
profile-correction-no-sheet = there is no sheet “{ $sheet }”
profile-correction-no-cell = there is no cell in row { $row } and column { $column }, columns counted from 0
profile-correction-cut-at-places = columns are cut at places here: write the row of names as header in the profile's text
problem-profile-example-differs = The example no longer reads as stored ({ $place }): stored “{ $expected }”, now “{ $found }”.
problem-profile-example-differs-title = Example reads differently
problem-profile-example-troubled = { $count ->
    [one] { $count } place of the example cannot be read: { $trouble }
   *[other] { $count } places of the example cannot be read, the first: { $trouble }
}
problem-profile-example-troubled-title = Example not read whole
problem-profile-wrong-state = The version is { $state } and goes no further.
problem-profile-wrong-state-title = Wrong maturity
profile-what-format = Format
profile-what-encoding = Encoding
profile-what-delimiter = Delimiter
profile-what-columns = Columns
profile-what-header = Header
profile-what-header-repeats = Header repeats
profile-what-rows = Rows
profile-what-shape = Shape
profile-what-sample = Sample
profile-what-analyte = Analyte
profile-what-value = Value
profile-what-unit = Unit
profile-what-flag = Flag
profile-what-role = Role
profile-what-decimal-mark = Decimal mark
profile-what-markers = Markers
profile-what-sections = Sections
profile-what-skip = Lines skipped
profile-said-not-understood = not understood
profile-not-understood-no-table = no table was found: no names stand above lines with numbers, and no columns of texts and decimals stand side by side
profile-not-understood-no-delimiter = no delimiter was found: the text has no columns
profile-not-understood-unknown-delimiter = “{ $told }” is none of the delimiters { $known }
profile-not-understood-unknown-encoding = there is no encoding “{ $told }”; write for example utf-8, gb18030, windows-1252
profile-not-understood-no-rows = no elements with a sample and values were found; name the path of the rows in [tree] and the fields in [[table]]
profile-not-understood-no-numbers = no numbers stand in the elements
profile-not-understood-not-turnable = only tables have rows and columns that can be exchanged
profile-not-understood-too-large-to-turn = the table is too large for its rows and columns to be exchanged
profile-not-understood-no-text-in-line = the file is not { $encoding }: line { $line } has bytes that are no character; choose another encoding
profile-not-understood-no-text = the file is not { $encoding }; choose another encoding
profile-not-understood-no-workbook = the workbook cannot be opened; open it with a spreadsheet program and save it anew, or export it as CSV
profile-not-understood-no-profile = what the program came to is no profile; write it in the profile's text
profile-said-first-column = first column
profile-said-before-each-section = before each section
profile-said-carried-down = carried down
profile-said-the-name-of-the-sheet = the name of the sheet
profile-said-one-analyte-per-row = one analyte per row
profile-said-one-analyte-per-column = one analyte per column
profile-said-in-brackets-of-the-heading = in brackets of the heading
profile-said-in-brackets-behind-the-name = in brackets behind the name
profile-said-in-brackets-of-the-lower-heading = in brackets of the lower heading
profile-said-second-header-row = second header row
profile-said-yes = yes
profile-said-none = none
profile-said-row = row { $n }
profile-said-column = column { $n }
profile-said-blocks-the-title-is-the-sample = { $n ->
    [one] { $n } block, the title is the sample
   *[other] { $n } blocks, the title is the sample
}
profile-said-blocks-the-title-is-the-analyte = { $n ->
    [one] { $n } block, the title is the analyte
   *[other] { $n } blocks, the title is the analyte
}
profile-said-one-sample-per-column = one sample per column
profile-said-the-headings = the headings
profile-said-plate = plate
profile-said-a-grid-of-names = a grid of names
profile-said-titles-between-the-rows = titles between the rows
profile-said-blocks-of-keys-and-values = blocks of keys and values
profile-said-behind-the-number = behind the number
profile-said-workbook = workbook
profile-said-cut-by-a-ruler = cut by a ruler
profile-said-the-next-column = the next column
profile-said-groups-of-columns-under-a-title = groups of columns under a title
profile-said-a-person-said-so = a person said so
profile-said-names-above-rows-with-numbers = names above rows with numbers
profile-said-the-name-of-the-column = the name of the column
profile-said-no-column-has-a-usual-name = no column has a usual name
profile-said-the-cells-below-a-name-are-empty = the cells below a name are empty
profile-said-several-sheets-have-the-same-header = several sheets have the same header
profile-said-the-columns-of-analyte-and-value = the columns of analyte and value
profile-said-the-column-of-the-value = the column of the value
profile-said-the-heading = the heading
profile-said-columns-of-numbers = { $n ->
    [one] { $n } column of numbers
   *[other] { $n } columns of numbers
}
profile-said-in-brackets-below-the-name = in brackets below the name
profile-said-the-usual-name-of-a-line-of-statistics = the usual name of a line of statistics
profile-said-the-same-names-stand-again-further-down = the same names stand again further down
profile-said-the-texts-of-the-column = the texts of the column
profile-said-names-of-samples-please-look-at-them = names of samples; please look at them
profile-said-texts-among-numbers-say-what-each-means-in-numbers-markers = texts among numbers; say what each means in numbers.markers
profile-said-numbers-hold-a-thousands-separator = numbers hold a thousands separator
profile-said-numbers-with-a-point-with-a-comma = { $n ->
    [one] { $n } number with a point, { $m } with a comma
   *[other] { $n } numbers with a point, { $m } with a comma
}
profile-said-the-header-stands-again-below-lines-such-as = the header stands again below lines such as
profile-said-names-in-brackets-stand-alone-on-their-lines = names in brackets stand alone on their lines
profile-said-names-in-brackets-that-differ-only-in-a-number-or-a-channel-above-the-same-header = names in brackets that differ only in a number or a channel, above the same header
profile-said-the-key-stands-again-with-another-sample = the key stands again with another sample
profile-said-a-key-above-the-table-with-the-sample-beside-it = a key above the table with the sample beside it
profile-said-a-key-above-the-table-with-the-sample-in-the-same-cell = a key above the table with the sample in the same cell
profile-said-headings-look-like-samples-first-cells-like-analytes = headings look like samples, first cells like analytes
profile-said-they-hold-numbers-the-first-cells-of-the-rows-do-not = they hold numbers, the first cells of the rows do not
profile-said-columns-from-and-rows-from-a-wells = columns from { $n } and rows from A, { $m } wells
profile-said-a-plate-rarely-says-what-it-measures = a plate rarely says what it measures
profile-said-a-second-plate-holds-texts = a second plate holds texts
profile-said-no-line-of-names-stands-above-the-numbers-columns-are-chosen-by-what-they-hold = no line of names stands above the numbers; columns are chosen by what they hold
profile-said-the-first-column-of-different-texts = the first column of different texts
profile-said-the-last-column-of-texts-before-the-numbers = the last column of texts before the numbers
profile-said-lines-with-a-single-cell-stand-above-blocks-of-rows = lines with a single cell stand above blocks of rows
profile-said-the-first-column-of-decimals = the first column of decimals
profile-said-every-cell-looks-like-a-unit = every cell looks like a unit
profile-said-lines-with-a-colon-or-an-equals-sign = { $n ->
    [one] { $n } line with a colon or an equals sign
   *[other] { $n } lines with a colon or an equals sign
}
profile-said-they-are-drawn-and-no-results = they are drawn, and no results
profile-said-lines-of-dashes = lines of dashes
profile-said-the-usual-name-of-the-key = the usual name of the key
profile-said-values-are-cut-at-the-first-blank = values are cut at the first blank
profile-said-the-first-bytes = the first bytes
profile-said-all-of-it-is-read-as-such = all of it is read as such
profile-said-elements-of-this-path = { $n ->
    [one] { $n } element of this path
   *[other] { $n } elements of this path
}
profile-said-an-h-record-with-its-delimiters = an H record with its delimiters
profile-said-stx-and-rs = STX and RS
profile-said-order-records-without-a-header-or-a-text-log-of-a-line = order records without a header, or a text log of a line
profile-said-a-line-of-dashes-and-bars = a line of dashes and bars
profile-said-a-byte-order-mark = a byte order mark
profile-said-every-second-byte-is-zero = every second byte is zero
profile-said-every-byte-fits = every byte fits
profile-said-by-the-frequency-of-characters-please-look-at-the-names = by the frequency of characters; please look at the names
profile-said-pairs-of-bytes-that-are-chinese-characters-please-look-at-the-names = pairs of bytes that are Chinese characters; please look at the names
profile-said-short-chinese-words-which-would-be-odd-signs-in-utf = short Chinese words, which would be odd signs in UTF-8
profile-said-lines-have-the-same-number-of-cells = { $n ->
    [one] { $n } line has this number of cells
   *[other] { $n } lines have the same number of cells
}
profile-said-short-texts-between-names-and-numbers = short texts between names and numbers
profile-said-most-headings-end-with-unit = most headings end with [unit]
profile-said-most-names-end-with-unit = most names end with [unit]
profile-said-every-value-column-is-followed-by-a-column-without-a-name = every value column is followed by a column without a name
profile-said-titles-above-repeated-names = { $n ->
    [one] { $n } title above repeated names
   *[other] { $n } titles above repeated names
}
profile-said-several-result-columns-are-possible-it-is-the-laboratory-s-choice = several result columns are possible; it is the laboratory's choice
