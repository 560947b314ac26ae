import Collectives
import MPICollectives
import Testing

@Suite struct MPIAvailabilityTests {
  // With the trait, MPI starts once in a process, under a launcher: that is MPILaws.
  #if !MPI
    @Test("Without the trait MPI the group is unavailable, and the body does not run")
    func unavailable() {
      var ran = false
      #expect(throws: CollectiveError.unavailable) { try withMPI { _ in ran = true } }
      #expect(!ran)
    }
  #endif
}
