import Storage
import Workflow

extension PhoenixJoin {
  /// Lets the client have the document, which for a new workflow may have to be made, or says why not. Who may not read learns nothing of what there is in the project.
  func check(
    _ parameters: Parameters, _ place: WorkflowPlace, _ permit: Permit
  ) throws(PhoenixRefusal) -> DocumentName {
    guard place.hasProject else { throw .noProject }
    guard parameters.isNew || parameters.action == "edit" else {
      throw PhoenixRefusal("invalid action '\(parameters.action)', must be 'new' or 'edit'")
    }
    switch permit {
    case .refused(.unavailable(let why)): throw PhoenixRefusal(why)
    case .refused: throw .unauthorized
    case .granted(_, _, mayEdit: false) where parameters.isNew: throw .unauthorized
    case .unchecked, .granted: break
    }
    guard let name else { throw isVersion ? PhoenixRefusal("invalid version format") : .noWorkflow }
    let isMade = place.projectID == nil && parameters.isNew && name.version == nil
    guard place.projectID == parameters.projectID || isMade else { throw .noWorkflow }
    if let version = name.version, !place.hasVersion {
      throw PhoenixRefusal("snapshot version \(version) not found")
    }
    return name
  }
}
