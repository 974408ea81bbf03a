menu-draws = Random draws
draws-title = Random draws
draws-new = New double-random draw
draws-none = No draws yet
draw-no = Number
draw-kind = Kind
draw-kind-spot-check = Double-random inspection
draw-kind-venues = Venues of a plan
draw-at = Drawn at
draw-by = Drawn by
draw-task = Task
draw-units = Units
draw-units-count = Units to draw
draw-samplers = Samplers
draw-samplers-count = Samplers to draw
draw-weights = Weights by risk grade
draw-weights-hint = A is the lowest risk, D the highest; 0 leaves a grade out
draw-ungraded = Not graded
draw-cooldown = Days of rest after a draw
draw-days = { $days ->
    [one] { $days } day
   *[other] { $days } days
}
draw-cooldown-hint = Units drawn within this many days are left out
draw-last-visits = Last visits
draw-last-visits-hint = Samplers who took part in this many last visits of a drawn unit are left out
draw-seed = Seed
draw-seed-hint = For example the number of a public lottery; empty: made at random
draw-declared = Declared a conflict of interest (left out)
draw-button = Draw
draw-pdf = Record (PDF)
draw-repeat = Repeat this draw
draw-same = Drawn again from the record: the same result
draw-differs = Drawn again from the record: a different result; the record was changed
draw-record = Record
draw-algorithm = Rule
draw-algorithm-weighted = Weighted by risk grade
draw-list-hash = Hash of the list (SHA-256)
draw-group = Group
draw-weight = Weight
draw-entries = Entries
draw-drawn = Drawn
draw-name = Name
draw-number = Hash that drew it
draw-excluded = Left out
draw-unit-list = Units of the region
draw-sampler-list = Samplers
excluded-declared = declared a conflict of interest
excluded-visited-before = was there on the last visit
excluded-not-authorized = no valid authorization to sample
seed-entered = (entered)
seed-generated = (made by the program)
done-drawn = Drawn
problem-draw-region-unknown = The region code { $region } is not in the system.
problem-draw-region-unknown-title = Unknown region
problem-draw-too-few-units = { $wanted ->
    [one] { $wanted } unit is wanted,
   *[other] { $wanted } units are wanted,
} { $there } can be drawn.
problem-draw-too-few-units-title = Too few units
problem-draw-too-few-units-advice = Take fewer, a wider region, or a shorter rest.
problem-draw-too-few-samplers = { $wanted ->
    [one] { $wanted } sampler is needed,
   *[other] { $wanted } samplers are needed,
} { $there } can go { $excluded ->
    [one] ({ $excluded } is kept out).
   *[other] ({ $excluded } are kept out).
}
problem-draw-too-few-samplers-title = Too few samplers
problem-draw-too-few-samplers-advice = Authorize more people to sample, or count fewer last visits.
problem-draw-no-venues = No active unit of region { $region } has a kind of venue.
problem-draw-no-venues-title = No venues
expected-samplers = samplers of the laboratory
