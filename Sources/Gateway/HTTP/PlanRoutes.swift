import Provisioning
import Storage
import Workflow

/// `/api/provision?plan=…`: what an import would do, and doing what was planned.
enum PlanRoutes {
  /// `plan=1` makes a plan, `plan=<id>` applies one. With that a document may be left out; where it is there it has to be
  /// the plan's.
  static func answer(_ call: Call, _ plan: String) {
    let context = ImportContext(call)
    if plan == "1" {
      context.withSource { source in
        context.withProvenance(.plan, of: source.document.projectID) { provenance in
          context.withFixedDocument(source) { document in
            make(document, provenance, context, of: source) { context.respond(.json(200, $0.serialized())) }
          }
        }
      }
    } else if !DocumentName.isUUID(plan) {
      context.respond(ErrorBody.response(422, "is 1 or the id of a plan", field: "plan"))
    } else if context.body.isEmpty {
      apply(plan.lowercased(), nil, context)
    } else if context.isYAML {
      context.respond(ErrorBody.response(422, "is applied without the file that it was made of", field: "plan"))
    } else {
      context.withSource { source in
        context.withFixedDocument(source) { apply(plan.lowercased(), $0, context) }
      }
    }
  }

  private static func make(
    _ document: JSONValue, _ provenance: Provenance, _ context: ImportContext, of source: ImportSource? = nil,
    _ answer: @escaping @Sendable (JSONValue) -> Void
  ) {
    context.store.planImport(document, provenance: provenance, policy: context.policy) { result in
      switch result {
      case .success(let made): answer(made.plan.answer(id: made.id))
      case .failure(let failure): context.respond(source?.response(to: failure) ?? failure.response)
      }
    }
  }

  private static func apply(_ id: String, _ document: JSONValue?, _ context: ImportContext) {
    context.store.readPlan(id) { result in
      switch result {
      case .failure(let error): context.respond(Store.importFailure(error).response)
      case .success(let plan):
        context.withProvenance(.importing, of: plan.projectID) { provenance in
          if let document, document != plan.document {
            return context.respond(ErrorBody.response(422, "was made of another document", field: "plan"))
          }
          apply(plan, provenance, context)
        }
      }
    }
  }

  /// Refuses a plan that is outdated, with a fresh one.
  private static func apply(_ plan: StoredPlan, _ provenance: Provenance, _ context: ImportContext) {
    context.store.applyPlan(plan, provenance: provenance, policy: context.policy) { result in
      guard case .failure(.hindered(.outdated)) = result else {
        return context.respond(ProvisionRoutes.response(toImport: result))
      }
      make(plan.document, provenance, context) { fresh in
        context.respond(
          ImportFailure.response(
            409, "Rows or documents have changed since the plan was made; here is a fresh one", type: "plan_outdated",
            fresh.object ?? [:]))
      }
    }
  }
}
