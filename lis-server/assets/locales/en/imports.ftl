menu-imports = Import lists
imports-title = Import lists
imports-text = Brings in what the laboratory has already, from CSV or XLSX whose first row names the columns. A dry run comes first and stores nothing; if any row is wrong, nothing is loaded.
imports-kind = List
imports-good = Every row is right; { $rows ->
    [one] { $rows } is not here yet
   *[other] { $rows } are not here yet
}
imports-load = { $rows ->
    [one] Load { $rows } row
   *[other] Load { $rows } rows
}
imports-columns = Columns of the lists
imports-required = Required
imports-optional = Optional
done-list-loaded = The list is loaded
list-suppliers = Suppliers
list-suppliers-text = Suppliers with their approval and evaluation
list-equipment = Equipment
list-equipment-text = Instruments and other equipment
list-calibrations = Calibrations
list-calibrations-text = Calibrations and intermediate checks of equipment
list-lots = Lots
list-lots-text = Standards, reagents and solutions
list-scope = Accredited scope
list-scope-text = Lines of the accredited scope
list-verifications = Method verifications
list-verifications-text = The laboratory's verifications of its methods
list-rooms = Rooms
list-rooms-text = Rooms, fridges and incubators with their limits
list-environment = Readings of rooms
list-environment-text = Readings of temperature and humidity
list-competence = Training and evaluation
list-competence-text = Education, training, supervision and evaluation of people
list-authorizations = Authorizations
list-authorizations-text = Who may do what by which method
list-series = Running numbers
list-series-text = The next number of each series that continues from elsewhere, before the first is given here
list-regions = Boundaries of regions
list-regions-text = Between which degrees a region lies (WGS 84): a sampling form whose position lies outside is doubtful. A row without any edge removes the boundaries of the region
boxes-text = A box is drawn anew by loading another one, and taken away by loading a row with the code of its region and four empty edges.
box-south = South
box-west = West
box-north = North
box-east = East
expected-list = suppliers, equipment, calibrations, lots, scope, verifications, rooms, environment, competence, authorizations, series or regions
expected-series = sample, receipt, order, on_site, worksheet, nonconforming, report, plan, draw, case, notice or complaint
expected-latitude = degrees from -90 to 90
expected-longitude = degrees from -180 to 180
expected-beyond-other-edge = greater than south or west
expected-year = a year as in 2026
expected-sample-type = supervision, campaign, entrusted, rapid_test or risk_monitoring
problem-series-begun = Numbers of { $series } were given already; the next is { $next }.
problem-series-begun-title = Series in use

# Sampling forms of the national system.
import-forms-title = Import sampling forms
import-forms-text = Choose an XLSX or CSV from the national system. A dry run comes first and stores nothing; then all rows or only the good ones are imported.
import-mapping = Mapping of columns (TOML)
import-mapping-hint = The mapping of the last import is offered again
import-try = Dry run
import-dry-run = Dry run
import-counts = { $good ->
    [one] { $good } good row,
   *[other] { $good } good rows,
} { $bad ->
    [one] { $bad } bad row
   *[other] { $bad } bad rows
}
import-good = Good
import-all = { $count ->
    [one] Import { $count } row
   *[other] Import all { $count } rows
}
import-only-good = { $count ->
    [one] Import only the { $count } good row
   *[other] Import only the { $count } good rows
}
import-already = This file was imported before; importing it again changes nothing
