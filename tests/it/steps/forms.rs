//! What is written on the forms of a sample.

use serde_json::{Value, json};

use super::with;

/// A receipt without complaints.
pub fn receipt() -> Value {
    json!({
        "arrived_at": "2026-11-27 08:30", "delivery": "sampler", "deliverer": "抽样员甲", "check_form": "yes",
        "check_seal": "yes", "check_package": "yes", "check_state": "yes", "check_quantity": "yes",
        "check_units": "not_applicable", "check_temperature": "not_applicable", "check_shelf_life": "yes",
        "check_label": "yes", "state_text": "固体，包装完好", "decision": "accept", "test_location": "A-2-1",
        "backup_location": "B-2-2", "micro_location": "",
    })
}

/// An entrusted order for cadmium in rice.
pub fn rice_order() -> Value {
    json!({
        "sample_name": "大米", "food_category": "milled-rice", "brand": "金穗", "spec": "500 g",
        "production_date": "2026-11-10", "expiry_date": "2027-05-10", "batch_no": "20261110", "product_std": "",
        "producer_name": "霸州示例糕点厂", "packing": "prepacked", "form_state": "solid", "storage": ["ambient"],
        "quantity": "1.5", "unit": "kg", "backup_quantity": "0.5", "micro_units": "", "items": ["cd|GB 5009.15"],
        "decision_rule": "full_value", "contact": "糕点厂联系人", "phone": "13800000001", "report_copies": "1",
        "signed_by": "糕点厂联系人",
    })
}

/// A supervision form: rice of the supermarket, with its maker.
pub fn market_rice() -> Value {
    let goods = json!({
        "task_category": "supervision", "ordering_name": "霸州市市场监督管理局", "ordering_region": "131081",
        "unit_name": "文安示例超市", "unit_uscc": "91131026MA0DEM03XE", "unit_address": "示例路 3 号",
        "unit_region": "131026100", "area_type": "city", "contact": "示例联系人", "phone": "13800000003",
        "stage": "trade", "place": "trade_supermarket", "sample_name": "大米", "food_category": "milled-rice",
        "sample_source": "bought_in", "sample_attr": "ordinary", "goods_type": "processed", "packing": "loose",
        "date_kind": "purchased", "production_date": "2026-11-02", "form_state": "solid", "storage": ["ambient"],
        "unit_price": "6.80", "lot_size": "50", "lot_unit": "kg", "qty_total": "3.0", "qty_test": "2.0",
        "qty_backup": "1.0", "qty_unit": "kg", "sampling_mode": "ordinary", "seal_test_no": "J000201",
        "seal_backup_no": "B000201", "ship_deadline": "2026-11-30", "ship_to": "共享食品检测实验室",
        "sampling_unit": "示例抽样单位", "sampler1": "抽样员甲", "sampler2": "抽样员乙", "unit_signed_by": "店长",
        "sampled_at": "2026-11-26 15:30",
    });
    let maker = json!({
        "producer_name": "大厂示例蔬菜种植合作社", "producer_address": "示例路 5 号", "producer_region": "131028",
    });
    with(goods, &maker)
}
