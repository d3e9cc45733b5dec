//! The C ABI of nearvm.h. Converts values and calls back; decides nothing.
mod abi;
mod host;

use abi::*;
use near_parameters::{ActionCosts, ExtCosts, RuntimeConfig, RuntimeConfigStore, RuntimeConfigView};
use near_primitives_core::account::AccountContract;
use near_primitives_core::code::ContractCode;
use near_primitives_core::config::ViewConfig;
use near_primitives_core::hash::CryptoHash;
use near_primitives_core::types::{AccountId, Balance, Gas};
use near_vm_runner::logic::errors::{CompilationError, FunctionCallError};
use near_vm_runner::logic::types::PromiseResult;
use near_vm_runner::logic::{GasCounter, ReturnData, VMContext, VMOutcome};
use near_vm_runner::{noop_background_spawner, prepare, Contract, FilesystemContractRuntimeCache};
use serde_json::{json, Map, Value};
use std::ffi::c_void;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::Path;
use std::sync::Arc;
use strum::IntoEnumIterator;

const ERROR_BYTES: usize = 256;
const MODULES_IN_MEMORY: usize = 64;
const CACHE_BYTES_MAX: u64 = 1 << 30;

pub struct Vm {
    config: Arc<RuntimeConfig>,
    cache: FilesystemContractRuntimeCache,
    _temporary: Option<tempfile::TempDir>,
    json: String,
    numbers: Value,
}

fn number_tables(config: &RuntimeConfig, view: Value) -> Value {
    let fee = |cost: ActionCosts| {
        let fee = config.fees.fee(cost);
        let (sir, other) = (fee.send_sir.gas().as_gas(), fee.send_not_sir.gas().as_gas());
        json!({ "send_sir": sir, "send_not_sir": other, "execution": fee.execution.gas().as_gas() })
    };
    let fees: Map<String, Value> = config.fees.action_fees.iter().map(|(c, _)| (c.to_string(), fee(c))).collect();
    let global = config.fees.storage_usage_config.global_contract_storage_amount_per_byte;
    json!({ "config": view, "fees": fees, "limits": config.wasm_config.limit_config,
        "global_contract_storage_amount_per_byte": global })
}

fn vm_new(version: u32, cache_dir: &str) -> std::io::Result<Vm> {
    if !(84..=88).contains(&version) {
        return Err(std::io::Error::other(format!("protocol version {version} is not among 84 to 88")));
    }
    let config = RuntimeConfigStore::new(None).get_config(version).clone();
    let temporary = if cache_dir.is_empty() { Some(tempfile::tempdir()?) } else { None };
    let dir = temporary.as_ref().map_or(Path::new(cache_dir), |t| t.path());
    let (none, name) = (Some(Path::new("none")), Path::new("compiled"));
    let cache = FilesystemContractRuntimeCache::with_memory_cache(
        dir, none, name, MODULES_IN_MEMORY, None, CACHE_BYTES_MAX, noop_background_spawner(),
    )?;
    let view = serde_json::to_value(RuntimeConfigView::from(config.as_ref().clone()))?;
    Ok(Vm {
        json: view.to_string(),
        numbers: number_tables(&config, view),
        config,
        cache,
        _temporary: temporary,
    })
}

#[no_mangle]
pub unsafe extern "C" fn nearvm_new(version: u32, cache_dir: Bytes, error: *mut u8) -> *mut Vm {
    match vm_new(version, &cache_dir.text()) {
        Ok(vm) => Box::into_raw(Box::new(vm)),
        Err(e) => {
            let text = e.to_string();
            let len = text.len().min(ERROR_BYTES - 1);
            std::ptr::copy_nonoverlapping(text.as_ptr(), error, len);
            *error.add(len) = 0;
            std::ptr::null_mut()
        }
    }
}

#[no_mangle]
pub unsafe extern "C" fn nearvm_free(vm: *mut Vm) {
    if !vm.is_null() {
        drop(Box::from_raw(vm));
    }
}

#[no_mangle]
pub extern "C" fn nearvm_config_json(vm: &Vm) -> Bytes {
    Bytes::of(vm.json.as_bytes())
}

#[no_mangle]
pub unsafe extern "C" fn nearvm_number(vm: &Vm, path: Bytes, ret: &mut u128) -> bool {
    let number = match vm.numbers.pointer(&path.text()) {
        Some(Value::Number(n)) => n.as_u64().map(u128::from),
        Some(Value::String(s)) => s.parse().ok(),
        _ => None,
    };
    number.map(|n| *ret = n).is_some()
}

/// The code of a call, as the VM asks for it.
struct Code(CryptoHash, Bytes);

impl Contract for Code {
    fn hash(&self) -> CryptoHash {
        self.0
    }
    fn get_code(&self) -> Option<Arc<ContractCode>> {
        Some(Arc::new(ContractCode::new(unsafe { self.1.get() }.to_vec(), Some(self.0))))
    }
}

unsafe fn account(text: Bytes) -> Result<AccountId, String> {
    text.text().parse().map_err(|e| format!("account id {}: {e}", text.text()))
}

unsafe fn promise_result(result: &PromiseValue) -> PromiseResult {
    if result.ok { PromiseResult::Successful(result.value.get().into()) } else { PromiseResult::Failed }
}

unsafe fn context(call: &Call) -> Result<VMContext, String> {
    let hash = CryptoHash(call.account_code_hash);
    let results = slice(call.promise_results, call.promise_result_count);
    let receivers = slice(call.output_receivers, call.output_receiver_count);
    let prepaid_gas = Gas::from_gas(call.prepaid_gas);
    Ok(VMContext {
        current_account_id: account(call.current_account_id)?,
        signer_account_id: account(call.signer_account_id)?,
        signer_account_pk: call.signer_public_key.get().to_vec(),
        predecessor_account_id: account(call.predecessor_account_id)?,
        refund_to_account_id: account(call.refund_to_account_id)?,
        input: call.input.get().into(),
        promise_results: results.iter().map(|r| promise_result(r)).collect(),
        block_height: call.block_height,
        block_timestamp: call.block_timestamp_ns,
        epoch_height: call.epoch_height,
        account_balance: Balance::from_yoctonear(call.account_balance),
        account_locked_balance: Balance::from_yoctonear(call.account_locked),
        storage_usage: call.storage_usage,
        account_contract: match call.account_code {
            0 => AccountContract::None,
            1 => AccountContract::Local(hash),
            2 => AccountContract::Global(hash),
            _ => AccountContract::GlobalByAccount(account(call.account_code_account)?),
        },
        attached_deposit: Balance::from_yoctonear(call.attached_deposit),
        prepaid_gas,
        random_seed: call.random_seed.to_vec(),
        view_config: call.view.then_some(ViewConfig { max_gas_burnt: prepaid_gas }),
        output_data_receivers: receivers.iter().map(|a| account(*a)).collect::<Result<_, _>>()?,
    })
}

/// An error here is no outcome: a fault of the embedder or of the VM.
unsafe fn call_run(vm: &Vm, call: &Call, host: &HostTable, at: *mut c_void) -> Result<VMOutcome, String> {
    let (context, wasm) = (context(call)?, vm.config.wasm_config.clone());
    let burnt_max = if call.view { context.prepaid_gas } else { wasm.limit_config.max_gas_burnt };
    let (costs, op_cost) = (wasm.ext_costs.clone(), wasm.regular_op_cost);
    let counter = GasCounter::new(costs, burnt_max, op_cost, context.prepaid_gas, call.view);
    let code = Code(CryptoHash(call.code_hash), call.code);
    let prepared = prepare(&code, wasm, Some(&vm.cache), counter, &call.method.text());
    let mut ext = host::Embedder {
        host,
        at,
        chain_id: call.chain_id.text().into_owned(),
        receivers: Vec::new(),
        broken: false,
    };
    let outcome = prepared.run(&mut ext, &context, vm.config.fees.clone()).map_err(|e| e.to_string())?;
    if ext.broken { Err("a callback of the embedder failed".into()) } else { Ok(outcome) }
}

fn error_kind(error: &FunctionCallError) -> (u32, String) {
    let (kind, name): (u32, &str) = match error {
        FunctionCallError::CompilationError(CompilationError::PrepareError(e)) => return (1, format!("{e:?}")),
        FunctionCallError::CompilationError(e) => (1, e.into()),
        FunctionCallError::LinkError { .. } => (2, error.into()),
        FunctionCallError::MethodResolveError(e) => (3, e.into()),
        FunctionCallError::WasmTrap(e) => (4, e.into()),
        FunctionCallError::HostError(e) => (5, e.into()),
        FunctionCallError::LoadingError { .. } => (6, error.into()),
    };
    (kind, name.into())
}

fn fatal(text: String) -> (VMOutcome, (u32, String, String, String)) {
    let none = VMOutcome::nop_outcome(FunctionCallError::LinkError { msg: String::new() });
    (none, (7, "Fatal".into(), text.clone(), text))
}

#[no_mangle]
pub unsafe extern "C" fn nearvm_run(vm: &Vm, call: &Call, host: &HostTable, at: *mut c_void) {
    let result = catch_unwind(AssertUnwindSafe(|| call_run(vm, call, host, at)));
    let (outcome, (end, name, text, debug)) = match result.unwrap_or_else(|_| Err("the VM panicked".into())) {
        Err(text) => fatal(text),
        Ok(outcome) => {
            let error = outcome.aborted.as_ref();
            let (end, name) = error.map(error_kind).unwrap_or_default();
            let text = error.map(|e| e.to_string()).unwrap_or_default();
            let debug = error.map(|e| format!("{e:?}")).unwrap_or_default();
            (outcome, (end, name, text, debug))
        }
    };
    let profile = &outcome.profile;
    let action = ActionCosts::iter().map(|c| (0, profile.get_action_cost(c), c.to_string()));
    let ext = ExtCosts::iter().map(|c| (1, profile.get_ext_cost(c), c.to_string()));
    let wasm = (2, profile.get_wasm_cost(), "wasm_instruction".to_string());
    let costs: Vec<_> = action.chain(ext).chain([wasm]).filter(|c| c.1 != Gas::ZERO).collect();
    let cost = |c: &(u32, Gas, String)| Cost { category: c.0, gas: c.1.as_gas(), name: Bytes::of(c.2.as_bytes()) };
    let costs_view: Vec<Cost> = costs.iter().map(cost).collect();
    let logs: Vec<Bytes> = outcome.logs.iter().map(|l| Bytes::of(l.as_bytes())).collect();
    let (return_kind, return_receipt, value): (u32, u64, &[u8]) = match &outcome.return_data {
        ReturnData::None => (0, 0, &[]),
        ReturnData::Value(value) => (1, 0, value),
        ReturnData::ReceiptIndex(index) => (2, *index, &[]),
    };
    (host.done)(at, &Outcome {
        end,
        error_name: Bytes::of(name.as_bytes()),
        error_text: Bytes::of(text.as_bytes()),
        error_debug: Bytes::of(debug.as_bytes()),
        burnt_gas: outcome.burnt_gas.as_gas(),
        used_gas: outcome.used_gas.as_gas(),
        logs: logs.as_ptr(),
        log_count: logs.len(),
        return_kind,
        return_receipt,
        return_value: Bytes::of(value),
        balance: outcome.balance.as_yoctonear(),
        subsidized: outcome.subsidized_amount.as_yoctonear(),
        storage_usage: outcome.storage_usage,
        costs: costs_view.as_ptr(),
        cost_count: costs_view.len(),
    });
}
