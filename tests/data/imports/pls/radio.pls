[playlist]
File1=tin/harvest.flac
Title1=Harvest
Length1=150
File2=http://radio.example/stream.mp3
Title2=A Station
Length2=-1
File3=tin/absent.flac
Title3=Nobody - Absent
Length3=10
NumberOfEntries=3
Version=2
