//! Valid bodies, written by hand, and the fields of each that must be there.

use serde_json::{Value, json};

pub fn campaign(title: &str) -> Value {
    let choice = |zh: &str, en: &str| json!({"name_zh": zh, "name_en": en});
    json!({
        "title_zh": title, "title_en": "Another round", "region_code": "131081", "opens_at": "2026-11-27 08:00",
        "closes_at": "2026-11-28 18:00", "min_seconds": 0, "repeat": "once", "privacy_zh": "只用于计票。",
        "privacy_en": "For counting only.",
        "questions": [{
            "text_zh": "检测哪类食品？", "text_en": "Which food?", "required": true, "max_choices": 1,
            "choices": [choice("叶菜", "Leafy vegetables"), choice("糕点", "Pastry")],
        }],
    })
}

pub fn enterprise(name: &str) -> Value {
    json!({
        "name": name, "uscc": "", "licence_no": "JY11310810000129", "stage": "trade", "venue": "示例农贸市场",
        "address": "示例路 99 号", "region_code": "131081101", "contact": "示例联系人", "phone": "13800000099",
        "email": "unit99@lis.example", "language": "zh-CN", "risk_grade": "B", "baobao_tier": "C", "active": "true",
    })
}

pub fn instrument(code: &str) -> Value {
    json!({
        "code": code, "name": "电感耦合等离子体质谱", "maker": "示例", "model": "示例", "serial_no": "0001",
        "profile": "generic_long_table", "status": "qualified", "calibrated_until": "2027-06-30",
        "minimum_weight_g": "0.020", "software": "MassHunter 5.1", "location": "201 室", "manual": "SB-001",
    })
}

pub fn person(username: &str) -> Value {
    json!({
        "username": username, "name": "检验员癸", "email": "newcomer@lis.example", "phone": "13800000098",
        "language": "zh-CN", "roles": ["tester"], "region_code": "131081", "active": "true",
    })
}

pub const ORDER_REQUIRED: &[&str] = &[
    "sample_name",
    "food_category",
    "packing",
    "form_state",
    "storage",
    "quantity",
    "unit",
    "items",
    "decision_rule",
    "contact",
    "phone",
    "report_copies",
    "signed_by",
];

pub fn order() -> Value {
    json!({
        "sample_name": "桃酥", "food_category": "pastry", "brand": "示例", "spec": "500 g", "production_date": "2026-11-10",
        "expiry_date": "2027-05-10", "batch_no": "20261110", "product_std": "GB/T 20977", "producer_name": "霸州示例糕点厂",
        "packing": "prepacked", "form_state": "solid", "storage": ["ambient"], "quantity": "1.5", "unit": "kg",
        "backup_quantity": "0.5", "micro_units": "5", "items": ["aerobic-plate-count|GB 4789.2"], "limit_standards": "GB 7099",
        "decision_rule": "full_value", "contact": "糕点厂联系人", "phone": "13800000001", "report_copies": "1",
        "wanted_on": "2026-12-20", "subcontracting": "no", "return_remainder": "no", "confidential": "yes",
        "signed_by": "糕点厂联系人", "remark": "请冷藏",
    })
}

pub const FORM_REQUIRED: &[&str] = &[
    "client_uuid",
    "form",
    "task_category",
    "ordering_name",
    "ordering_region",
    "unit_name",
    "unit_address",
    "unit_region",
    "area_type",
    "contact",
    "phone",
    "stage",
    "place",
    "sample_name",
    "food_category",
    "sample_source",
    "sample_attr",
    "goods_type",
    "packing",
    "form_state",
    "storage",
    "unit_price",
    "lot_size",
    "lot_unit",
    "qty_total",
    "qty_unit",
    "sampling_mode",
    "seal_test_no",
    "ship_deadline",
    "ship_to",
    "sampling_unit",
    "sampler1",
    "sampler2",
    "unit_signed_by",
    "sampled_at",
    "brand",
    "spec",
    "producer_name",
    "producer_address",
];

/// Goods in a package: brand, specification and maker must be there as well.
pub fn form() -> Value {
    json!({
        "task_category": "supervision", "ordering_name": "霸州市市场监督管理局", "ordering_region": "131081",
        "unit_name": "霸州示例粮油店", "unit_uscc": "91131081MA0DEM080E", "unit_address": "示例路 8 号",
        "unit_region": "131081102", "area_type": "countryside", "contact": "店长", "phone": "13800000008", "stage": "trade",
        "place": "trade_small_shop", "sample_name": "大米", "food_category": "milled-rice", "sample_source": "bought_in",
        "sample_attr": "ordinary", "goods_type": "processed", "packing": "prepacked", "brand": "示例", "spec": "5 kg",
        "date_kind": "produced", "production_date": "2026-11-02", "expiry_date": "2027-11-01", "barcode": "6901234567892",
        "form_state": "solid", "storage": ["ambient"], "unit_price": "6.80", "lot_size": "50", "lot_unit": "kg",
        "qty_total": "3.0", "qty_test": "2.0", "qty_backup": "1.0", "qty_unit": "kg", "sampling_mode": "ordinary",
        "seal_test_no": "J000901", "seal_backup_no": "B000901", "ship_deadline": "2026-11-30",
        "ship_to": "共享食品检测实验室", "producer_name": "示例米业", "producer_address": "示例路 20 号",
        "producer_licence": "SC10613108100012", "sampling_unit": "示例抽样单位", "sampler1": "抽样员甲",
        "sampler2": "抽样员乙", "unit_signed_by": "店长", "sampled_at": "2026-11-26 08:40", "remark": "当面封样",
    })
}

pub const RECEIPT_REQUIRED: &[&str] = &[
    "arrived_at",
    "delivery",
    "deliverer",
    "check_form",
    "check_seal",
    "check_package",
    "check_state",
    "check_quantity",
    "check_units",
    "check_temperature",
    "check_shelf_life",
    "check_label",
    "state_text",
    "decision",
    "test_location",
    "backup_location",
];

pub fn receipt() -> Value {
    json!({
        "arrived_at": "2026-11-27 08:30", "delivery": "client", "deliverer": "糕点厂联系人", "temp_min": "2", "temp_max": "8",
        "temp_last": "4", "check_form": "yes", "check_form_note": "单据齐全", "check_seal": "yes", "check_package": "yes",
        "check_state": "yes", "check_quantity": "yes", "check_units": "not_applicable", "check_temperature": "not_applicable",
        "check_shelf_life": "yes", "check_label": "yes", "state_text": "固体，包装完好", "decision": "accept",
        "test_quantity": "1.0", "test_location": "A-1-1", "backup_location": "B-2-1",
    })
}
