//! Elements and their leaves as rows and columns. Expectations written by hand.

use super::*;

fn table(root: &Node, path: &str) -> Vec<Vec<String>> {
    cells(root, &Paths { rows: vec![path.into()], ..Paths::default() }, 0)
}

/// The cells of one of the grids.
fn cells(root: &Node, paths: &Paths, at: usize) -> Vec<Vec<String>> {
    grids(root, paths).unwrap()[at].rows.iter().map(|row| row.cells.iter().map(String::from).collect()).collect()
}

fn paths(rows: &[&str]) -> Paths {
    Paths { rows: rows.iter().map(|path| path.to_string()).collect(), ..Paths::default() }
}

#[test]
fn elements_are_called_by_one_of_their_leaves() {
    let named = [("p".to_string(), "key".to_string())];
    let json =
        r#"{"r": [{"p": [{"key": "id", "value": "A"}, {"key": "Pb", "v": 1, "unit": "ppm"}, {"key": "", "v": 2}]}]}"#;
    let paths = Paths { named: named.to_vec(), ..paths(&["r"]) };
    let rows = cells(&from_json(json).unwrap(), &paths, 0);
    assert_eq!(rows, [vec!["id", "Pb.v", "Pb.unit", "p.key", "p.v"], vec!["A", "1", "ppm", "", "2"]]);
}

#[test]
fn json_keeps_numbers_as_written() {
    let json = r#"{"run": "7", "samples": [{"id": "A", "results": [{"test": "Pb", "value": 0.10}, {"test": "Cd", "value": 1E2}]}]}"#;
    let root = from_json(json).unwrap();
    assert_eq!(
        table(&root, "samples.results"),
        [vec!["test", "value", "$.run", "samples.id"], vec!["Pb", "0.10", "7", "A"], vec!["Cd", "1E2", "7", "A"]]
    );
}

#[test]
fn a_json_list_at_the_top() {
    let root = from_json(r#"[{"a": "1"}, {"a": "2", "b": true}]"#).unwrap();
    assert_eq!(table(&root, "item"), [vec!["a", "b"], vec!["1", ""], vec!["2", "true"]]);
}

#[test]
fn xml_attributes_are_leaves() {
    let xml = r#"<?xml version="1.0"?><r:Run date="2026-03-10"><Sample id="A"><Result name="Pb"><Value unit="mg/kg">0.10</Value></Result><Result name="Cd"><Value unit="mg/kg">&lt;0.01</Value></Result></Sample></r:Run>"#;
    let root = from_xml(xml).unwrap();
    assert_eq!(
        table(&root, "Run.Sample.Result"),
        [
            vec!["name", "Value", "Value.unit", "Run.date", "Sample.id"],
            vec!["Pb", "0.10", "mg/kg", "2026-03-10", "A"],
            vec!["Cd", "<0.01", "mg/kg", "2026-03-10", "A"]
        ]
    );
}

#[test]
fn children_of_one_name_are_several_columns() {
    let xml =
        "<Run><S><R><n>Pb</n><v>1</v></R><R><n>Cd</n><v>2</v><f>H</f></R></S><S><R><n>Pb</n><v>3</v></R></S></Run>";
    assert_eq!(
        table(&from_xml(xml).unwrap(), "Run.S"),
        [
            vec!["R.n", "R.v", "R.f", "R.n", "R.v", "R.f"],
            vec!["Pb", "1", "", "Cd", "2", "H"],
            vec!["Pb", "3", "", "", "", ""]
        ]
    );
    let json = from_json(r#"{"id": "A", "values": [1, 2, 3]}"#).unwrap();
    assert_eq!(table(&json, "$"), [vec!["id", "values", "values", "values"], vec!["A", "1", "2", "3"]]);
    // Every text has a place of its own.
    let twice = from_xml("<X><C><D>1</D><D>2</D></C><C><D>3</D></C></X>").unwrap();
    assert_eq!(table(&twice, "X"), [vec!["C.D", "C.D", "C.D"], vec!["1", "2", "3"]]);
}

/// A blank whose results have names alone, then a sample with values: each value stands behind its name.
#[test]
fn leaves_that_the_first_row_lacks_stand_within_their_element() {
    let xml = from_xml(
        "<Run><Sample><Id>Blank</Id><Result><Name>Pb</Name></Result><Result><Name>Cd</Name></Result></Sample>\
         <Sample><Id>S2</Id><Result><Name>Pb</Name><Value>1</Value></Result>\
         <Result><Name>Cd</Name><Value>2</Value></Result></Sample></Run>",
    );
    assert_eq!(
        table(&xml.unwrap(), "Run.Sample"),
        [
            ["Id", "Result.Name", "Result.Value", "Result.Name", "Result.Value"],
            ["Blank", "Pb", "", "Cd", ""],
            ["S2", "Pb", "1", "Cd", "2"]
        ]
    );
    let json = from_json(
        r#"{"runs": [{"id": "BLK", "res": [{"name": "Pb"}, {"name": "Cd"}]},
            {"id": "S2", "res": [{"name": "Pb", "value": 1}, {"name": "Cd", "value": 2}]}]}"#,
    );
    assert_eq!(
        table(&json.unwrap(), "runs"),
        [
            ["id", "res.name", "res.value", "res.name", "res.value"],
            ["BLK", "Pb", "", "Cd", ""],
            ["S2", "Pb", "1", "Cd", "2"]
        ]
    );
    // Also where the row with the value has no more leaves than the one without.
    let fewer = from_xml("<R><S><r><n>Pb</n></r><r><n>Cd</n></r></S><S><r><n>Pb</n><v>1</v></r></S></R>").unwrap();
    assert_eq!(table(&fewer, "R.S"), [["r.n", "r.v", "r.n"], ["Pb", "", "Cd"], ["Pb", "1", ""]]);
}

/// The first result has no value, or no name, in the row with the most leaves.
#[test]
fn a_leaf_that_one_element_lacks_has_its_place_there_as_in_the_others() {
    let value = from_xml(
        "<R><S><r><n>Pb</n><u>ppb</u></r><r><n>Cd</n><v>2</v><u>ppb</u></r></S>\
         <S><r><n>Pb</n><v>1</v><u>ppm</u></r></S></R>",
    );
    assert_eq!(
        table(&value.unwrap(), "R.S"),
        [
            ["r.n", "r.v", "r.u", "r.n", "r.v", "r.u"],
            ["Pb", "", "ppb", "Cd", "2", "ppb"],
            ["Pb", "1", "ppm", "", "", ""]
        ]
    );
    let name = from_xml("<R><S><i>A</i><r><v>1</v></r><r><n>Cd</n><v>2</v></r></S></R>").unwrap();
    assert_eq!(table(&name, "R.S"), [["i", "r.n", "r.v", "r.n", "r.v"], ["A", "", "1", "Cd", "2"]]);
    // An attribute stands behind the text of its element.
    let unit = from_xml(r#"<R><S><r><n>Pb</n></r><r><n>Cd</n><v unit="ppm">2</v></r></S></R>"#).unwrap();
    assert_eq!(
        table(&unit, "R.S"),
        [["r.n", "r.v", "r.v.unit", "r.n", "r.v", "r.v.unit"], ["Pb", "", "", "Cd", "2", "ppm"]]
    );
}

#[test]
fn a_leaf_that_only_later_rows_have_stands_where_it_stands_there() {
    let between = from_json(r#"[{"id": 1, "Pb": 2, "by": "x"}, {"id": 2, "Zn": 3, "by": "y"}]"#).unwrap();
    assert_eq!(table(&between, "item"), [["id", "Zn", "Pb", "by"], ["1", "", "2", "x"], ["2", "3", "", "y"]]);
    let first = from_json(r#"[{"id": 1, "Pb": 2}, {"run": 7, "id": 2}]"#).unwrap();
    assert_eq!(table(&first, "item"), [["run", "id", "Pb"], ["", "1", "2"], ["7", "2", ""]]);
}

/// The second v of the second row stands before the only one of the first row, which is the first v all the same.
#[test]
fn columns_of_one_name_are_counted_from_the_left_where_rows_contradict_each_other() {
    let xml = "<R><S><b>1</b><c>2</c><d>3</d><v>4</v></S><S><v>5</v><b>6</b><v>7</v></S></R>";
    assert_eq!(
        table(&from_xml(xml).unwrap(), "R.S"),
        [["b", "v", "c", "d", "v"], ["1", "4", "2", "3", ""], ["6", "5", "", "", "7"]]
    );
}

#[test]
fn two_rows_of_fifty_thousand_names_each() {
    let row = |letter: char| (0..50_000).map(|at| format!("\"{letter}{at}\":{at}")).collect::<Vec<_>>().join(",");
    let rows = table(&from_json(&format!("[{{{}}},{{{}}}]", row('a'), row('b'))).unwrap(), "item");
    assert_eq!([rows[0].len(), rows[1].len(), rows[2].len()], [100_000; 3]);
    assert_eq!(
        [rows[0][0].as_str(), &rows[0][49_999], &rows[0][50_000], &rows[0][99_999]],
        ["b0", "b49999", "a0", "a49999"]
    );
    assert_eq!([rows[1][49_999].as_str(), &rows[1][50_001], &rows[2][1], &rows[2][50_000]], ["", "1", "1", ""]);
}

#[test]
fn steps_of_any_name_and_lines_of_json() {
    let json = from_json(r#"{"S1": {"Pb": {"v": 1}, "Cd": {"v": 2}}}"#).unwrap();
    assert_eq!(table(&json, "*.*"), [vec!["$key", "v", "*.$key"], vec!["Pb", "1", "S1"], vec!["Cd", "2", "S1"]]);
    let lines = from_json("{\"a\": 1}\n{\"a\": 2}\n").unwrap();
    assert_eq!(table(&lines, "item"), [["a"], ["1"], ["2"]]);
}

#[test]
fn a_leaf_between_the_rows_holds_up_to_the_next_one() {
    let xml = "<R><Id>A</Id><V><v>1</v></V><V><v>2</v></V><Id>B</Id><V><v>3</v></V><Run>7</Run></R>";
    assert_eq!(
        table(&from_xml(xml).unwrap(), "R.V"),
        [vec!["v", "R.Run", "R.Id"], vec!["1", "7", "A"], vec!["2", "7", "A"], vec!["3", "7", "B"]]
    );
    // Several before all rows are several columns; what stands behind its rows is not given to the next ones.
    let before = from_xml("<R><Id>A</Id><Id>B</Id><V><v>1</v></V></R>").unwrap();
    assert_eq!(table(&before, "R.V"), [["v", "R.Id", "R.Id"], ["1", "A", "B"]]);
    let behind = from_xml("<R><V><v>1</v></V><Id>A</Id><V><v>2</v></V><Id>B</Id></R>").unwrap();
    assert_eq!(table(&behind, "R.V"), [["v"], ["1"], ["2"]]);
}

#[test]
fn plain_values_beside_elements_of_any_name_are_leaves_of_the_one_above() {
    let json = r#"{"samples": [{"id": "S1", "Pb": {"val": 1, "unit": "ppb"}, "Cd": {"val": 2}}]}"#;
    assert_eq!(
        table(&from_json(json).unwrap(), "samples.*"),
        [vec!["$key", "val", "unit", "samples.id"], vec!["Pb", "1", "ppb", "S1"], vec!["Cd", "2", "", "S1"]]
    );
    let xml = from_xml(r#"<R><S id="S1"><Pb unit="ppb">1</Pb><Cd>2</Cd></S></R>"#).unwrap();
    assert_eq!(
        table(&xml, "R.S.*"),
        [vec!["text", "$key", "unit", "S.id"], vec!["1", "Pb", "ppb", "S1"], vec!["2", "Cd", "", "S1"]]
    );
    // Where there are none but plain values, these are the rows.
    let plain = from_json(r#"{"S2": {"Zn": 1.10, "Cd": "ND"}}"#).unwrap();
    assert_eq!(table(&plain, "*.*"), [["text", "$key", "*.$key"], ["1.10", "Zn", "S2"], ["ND", "Cd", "S2"]]);
}

#[test]
fn cells_of_rows() {
    let json = from_json(r#"{"columns": ["id", "Pb"], "data": [["A", 0.10], ["B", null]]}"#).unwrap();
    let paths = Paths { cells: Some("item".into()), names: vec!["columns".into()], ..paths(&["data"]) };
    assert_eq!(cells(&json, &paths, 0), [["id", "Pb"], ["A", "0.10"], ["B", ""]]);
}

#[test]
fn leaves_stand_beside_cells_whose_names_have_several_rows() {
    let json = r#"{"names": ["Fat", "pH"], "units": ["%", ""], "run": 7, "rows": [{"id": "A", "v": [3.50, 6.4]}]}"#;
    let root = from_json(json).unwrap();
    let paths = Paths {
        cells: Some("v".into()),
        names: vec!["names".into(), "units".into()],
        beside: vec!["id".into(), "$.run".into()],
        ..paths(&["rows"])
    };
    let found = cells(&root, &paths, 0);
    assert_eq!(found, [vec!["id", "$.run", "Fat", "pH"], vec!["", "", "%", ""], vec!["A", "7", "3.50", "6.4"]]);
}

#[test]
fn items_of_lists_that_belong_together_are_rows() {
    let json = r#"{"s": [{"id": "A", "n": ["Fat", "pH"], "v": [{"x": 3.5}, {"x": null}]}, {"id": "B", "n": ["Fat"]}]}"#;
    let root = from_json(json).unwrap();
    let paths = Paths { lists: vec!["n".into(), "v".into()], ..paths(&["s"]) };
    assert_eq!(cells(&root, &paths, 0), [["id", "n", "v.x"], ["A", "Fat", "3.5"], ["A", "pH", ""], ["B", "Fat", ""]]);
}

#[test]
fn lists_deeper_in_a_row_and_beside_another_path() {
    let json = r#"{"samples": [{"id": 1, "name": "A"}], "runs": [{"of": 1, "data": {"n": ["Fat", "pH"], "v": [3.5, 6.4], "by": "x"}}]}"#;
    let root = from_json(json).unwrap();
    let paths = Paths { lists: vec!["data.n".into(), "data.v".into()], ..paths(&["samples", "runs"]) };
    assert_eq!(cells(&root, &paths, 0), [["id", "name"], ["1", "A"]]);
    assert_eq!(
        cells(&root, &paths, 1),
        [["of", "data.by", "data.n", "data.v"], ["1", "x", "Fat", "3.5"], ["1", "x", "pH", "6.4"]]
    );
}

#[test]
fn a_list_of_one_item_stays_a_list_where_elements_are_called_by_a_leaf() {
    let xml = r#"<r><s><l name="n"><i>Pb</i></l><l name="v"><i>0.10</i></l><l name="by">x</l></s></r>"#;
    let named = vec![("l".to_string(), "name".to_string())];
    let paths = Paths { lists: vec!["n.i".into(), "v.i".into()], named, ..paths(&["r.s"]) };
    let rows = cells(&from_xml(xml).unwrap(), &paths, 0);
    assert_eq!(rows, [["by", "n.i", "v.i"], ["x", "Pb", "0.10"]]);
}

#[test]
fn several_paths_are_several_grids_whose_rows_are_counted_on() {
    let json = r#"{"run": 7, "samples": [{"id": 1, "name": "A"}], "results": [{"of": 1, "v": 2}, {"of": 1, "v": 3}]}"#;
    let root = from_json(json).unwrap();
    let paths = paths(&["samples", "results"]);
    assert_eq!(cells(&root, &paths, 0), [["id", "name", "$.run"], ["1", "A", "7"]]);
    assert_eq!(cells(&root, &paths, 1), [["of", "v", "$.run"], ["1", "2", "7"], ["1", "3", "7"]]);
    let numbered = grids(&root, &paths).unwrap();
    let numbers: Vec<Vec<usize>> =
        numbered.iter().map(|grid| grid.rows.iter().map(|row| row.number).collect()).collect();
    assert_eq!(numbers, [vec![0, 1], vec![0, 2, 3]]);
    assert_eq!([numbered[0].name.as_str(), &numbered[1].name], ["samples", "results"]);
}

#[test]
fn elements_in_each_other_are_rows_with_what_stands_above_them() {
    let json = r#"{"sample": "F26-1", "populations": [
        {"name": "Lymph", "count": 812, "populations": [
            {"name": "CD3", "count": 400, "populations": [{"name": "CD4", "count": 230}]}]},
        {"name": "Debris", "count": 9, "populations": null}]}"#;
    let (name, count) = ("populations.name", "populations.count");
    let nearest = ["..populations.name", "..populations.count"];
    let header = ["name", "count", "populations", "$.sample", name, count, name, count, nearest[0], nearest[1]];
    assert_eq!(
        table(&from_json(json).unwrap(), "**.populations"),
        [
            header,
            ["Lymph", "812", "", "F26-1", "", "", "", "", "", ""],
            ["CD3", "400", "", "F26-1", "Lymph", "812", "", "", "Lymph", "812"],
            ["CD4", "230", "", "F26-1", "Lymph", "812", "CD3", "400", "CD3", "400"],
            ["Debris", "9", "", "F26-1", "", "", "", "", "", ""]
        ]
    );
}

#[test]
fn elements_that_any_depth_passes_say_something_of_the_rows_below_them_alone() {
    let xml = r#"<Run id="7"><Group name="A"><Group name="B"><Peak rt="1.5"/></Group><Peak rt="2.5"/></Group>
        <Group name="C"/><Info by="x"/><Peak rt="3.5"/></Run>"#;
    assert_eq!(
        table(&from_xml(xml).unwrap(), "Run.**.Peak"),
        [
            ["rt", "Run.id", "Run.Info.by", "Group.name", "Group.name", "..Group.name"],
            ["1.5", "7", "x", "A", "B", "B"],
            ["2.5", "7", "x", "A", "", "A"],
            ["3.5", "7", "x", "", "", ""]
        ]
    );
    // Whichever way a path goes, an element is one row.
    let twice = from_xml(r#"<S><G n="1"><G n="2"><T v="x"/></G></G></S>"#).unwrap();
    assert_eq!(table(&twice, "S.**.G.**.T"), [["v", "G.n", "G.n", "..G.n"], ["x", "1", "2", "2"]]);
    assert_eq!(table(&twice, "**.S.**.T"), [["v", "G.n", "G.n", "..G.n"], ["x", "1", "2", "2"]]);
}

/// The second gate has no count: the one of the sample or of the gate around it is not taken for its own.
#[test]
fn what_stands_above_never_takes_the_place_of_a_leaf_that_a_row_lacks() {
    let json =
        r#"{"data": {"count": 10000, "gates": [{"name": "A", "data": {"count": 5, "gates": [{"name": "B"}]}}]}}"#;
    let count = "data.count";
    assert_eq!(
        table(&from_json(json).unwrap(), "**.gates"),
        [
            ["name", count, count, "gates.name", count, "..data.count", "..gates.name"],
            ["A", "5", "10000", "", "", "10000", ""],
            ["B", "", "10000", "A", "5", "5", "A"]
        ]
    );
}

#[test]
fn elements_of_any_name_at_any_depth() {
    let json = r#"{"id": "S1", "gates": {"Lymph": {"n": 8, "gates": {"CD3": {"n": 4}}}, "Debris": {"n": 1}}}"#;
    assert_eq!(
        table(&from_json(json).unwrap(), "**.gates.*"),
        [
            ["$key", "n", "$.id", "*.$key", "*.n", "..*.$key", "..*.n"],
            ["Lymph", "8", "S1", "", "", "", ""],
            ["CD3", "4", "S1", "Lymph", "8", "Lymph", "8"],
            ["Debris", "1", "S1", "", "", "", ""]
        ]
    );
}

#[test]
fn several_paths_of_any_depth_keep_out_of_each_other() {
    let xml = r#"<S id="F1"><P name="A"><T n="1"/><P name="B"><T n="2"/></P></P></S>"#;
    let root = from_xml(xml).unwrap();
    let paths = paths(&["S.**.P", "S.**.P.T"]);
    assert_eq!(
        cells(&root, &paths, 0),
        [["name", "T.n", "S.id", "P.name", "..P.name"], ["A", "1", "F1", "", ""], ["B", "2", "F1", "A", "A"]]
    );
    assert_eq!(
        cells(&root, &paths, 1),
        [["n", "S.id", "P.name", "P.name", "..P.name"], ["1", "F1", "A", "", "A"], ["2", "F1", "A", "B", "B"]]
    );
}

/// 2,400 rows with names of their own, which stand above others, too.
#[test]
fn leaves_above_rows_of_any_depth_are_left_out_where_they_are_too_many() {
    let pair = |at: usize| format!(r#"{{"n": "o{at}", "k{at}": 1, "P": [{{"n": "i{at}", "j{at}": 1}}]}}"#);
    let pairs: Vec<String> = (0..1200).map(pair).collect();
    let root = from_json(&format!(r#"{{"P": [{}]}}"#, pairs.join(","))).unwrap();
    let all = paths(&["**.P"]);
    assert!(grids(&root, &all).unwrap_err().to_string().contains("more than 5000000 cells"));
    let found = grids_with(&root, &all, &|leaf| ["n", "..P.n"].contains(&leaf)).unwrap();
    let texts = |at: usize| found[0].rows[at].cells.iter().collect::<Vec<_>>();
    assert_eq!(texts(0), ["n", "P.n", "..P.n"]);
    assert_eq!(texts(2), ["i0", "o0", "o0"]);
    assert_eq!(texts(2399), ["o1199", "", ""]);
    assert_eq!(texts(2400), ["i1199", "o1199", "o1199"]);
}

/// As deep as a source may be, each row in the one before.
#[test]
fn sixty_rows_in_each_other() {
    let xml: String = (0..60).map(|at| format!("<P n=\"{at}\">")).chain((0..60).map(|_| "</P>".to_string())).collect();
    let rows = table(&from_xml(&xml).unwrap(), "**.P");
    assert_eq!(rows.len(), 61);
    // Its own, those of the 59 above, and the nearest one's.
    assert_eq!(rows[0].len(), 61);
    assert_eq!(rows[1][..3], ["0", "", ""]);
    assert_eq!(rows[60][..5], ["59", "0", "1", "2", "3"]);
    assert_eq!(rows[60][60], "58");
}

#[test]
fn damage_is_told() {
    assert!(from_json("{\"a\": ").is_err());
    assert!(from_xml("<a><b></a>").is_err());
    assert!(from_xml("<a>").is_err());
    assert!(from_json(&("[".repeat(100) + &"]".repeat(100))).is_err());
}

/// What a method says of its compounds would stand beside every result: 2,500 rows of more than 2,000 columns.
#[test]
fn leaves_that_nobody_asks_for_are_left_out_where_they_are_too_many() {
    let compounds: String = (1..=2001).map(|at| format!("<C limit=\"{at}\"/>")).collect();
    let rows: String = (1..=2500).map(|at| format!("<V id=\"r{at}\"><c>{at}.5</c><c>{at}.7</c></V>")).collect();
    let root = from_xml(&format!("<R run=\"7\"><M>{compounds}</M>{rows}</R>")).unwrap();
    let all = paths(&["R.V"]);
    assert!(grids(&root, &all).unwrap_err().to_string().contains("more than 5000000 cells"));
    let found = grids_with(&root, &all, &|leaf| ["c", "R.run"].contains(&leaf)).unwrap();
    let texts = |at: usize| found[0].rows[at].cells.iter().collect::<Vec<_>>();
    assert_eq!(texts(0), ["c", "c", "R.run"]);
    assert_eq!(texts(2500), ["2500.5", "2500.7", "7"]);
    assert_eq!((found[0].rows.len(), found[0].rows[2500].number), (2501, 2500));
    // Those of the method are too many whoever asks for them.
    assert!(grids_with(&root, &all, &|leaf| leaf == "R.M.C.limit").is_err());
    // Where there are not too many all stay.
    let small = from_xml("<R run=\"7\"><V id=\"r1\"><c>1.5</c></V></R>").unwrap();
    let found = grids_with(&small, &all, &|leaf| leaf == "c").unwrap();
    assert_eq!(found[0].rows[0].cells.iter().collect::<Vec<_>>(), ["id", "c", "R.run"]);
}

#[test]
fn first_rows_stand_beside_no_more_than_two_of_a_kind() {
    let xml = "<R><M><C l=\"1\"/><C l=\"2\"/><C l=\"3\"/></M><V id=\"a\"><c>1</c><c>2</c><c>3</c></V><V id=\"b\"/><V id=\"d\"/></R>";
    let grid = first_rows(&from_xml(xml).unwrap(), "R.V", 2).unwrap();
    let rows: Vec<Vec<&str>> = grid.rows.iter().map(|row| row.cells.iter().collect()).collect();
    assert_eq!(
        rows,
        [vec!["id", "c", "c", "R.M.C.l", "R.M.C.l"], vec!["a", "1", "2", "1", "2"], vec!["b", "", "", "1", "2"]]
    );
}

#[test]
fn a_text_whose_place_is_taken_gets_the_next_free_one_of_its_name() {
    let named = |(name, nth): (&str, usize)| (name.to_owned(), nth, String::new());
    let mut columns: Columns =
        [("a", 1), ("a", 2), ("b", 1), ("a", 3), ("a", 1), ("a", 2), ("a", 9), ("a", 1)].map(named).to_vec();
    untangle(&mut columns);
    let places: Vec<usize> = columns.iter().map(|(_, nth, _)| *nth).collect();
    assert_eq!(places, [1, 2, 1, 3, 4, 5, 9, 6]);
}
